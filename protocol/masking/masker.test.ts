import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Masker } from './masker.ts';
import { MAX_REGISTERED_SECRETS } from './registered.ts';

const masker = new Masker();
const A = 'aB3dE5fG7hI9jK1lM3nO5pQ7rS9tU1vW3xY5zA7bC9dE1fG3'; // 48 characters, as keys have them
const JWT = 'eyJhbGciOiJFZERTQSJ9.eyJzdWIiOiJsb2NhbCJ9.c2lnbmF0dXJlLW9mLWl0LWFsbA';
const PEM = `-----BEGIN EC PRIVATE KEY-----\nMHcCAQEEI${A}\n-----END EC PRIVATE KEY-----`;

/** Of every form one: the secret, and the kind that is left of it. */
const KNOWN: [kind: string, secret: string][] = [
  ['aws-access-key', 'AKIAIOSFODNN7EXAMPLE'],
  ['google-api-key', `AIza${A.slice(0, 35)}`],
  ['google-oauth-secret', `GOCSPX-${A.slice(0, 28)}`],
  ['google-oauth-token', `ya29.${A}`],
  ['github-token', `ghp_${A.slice(0, 36)}`],
  ['github-token', `github_pat_${A}`],
  ['gitlab-token', `glpat-${A.slice(0, 20)}`],
  ['slack-token', 'xoxb-123456789012-abcdefABCDEF'],
  ['slack-webhook', 'hooks.slack.com/services/T0000000/B0000000/abcdefgh'],
  ['stripe-key', `sk_live_${A.slice(0, 24)}`],
  ['webhook-secret', `whsec_${A.slice(0, 32)}`],
  ['anthropic-key', `sk-ant-api03-${A}`],
  ['openai-key', `sk-proj-${A}`],
  ['openai-key', `sk-${A}`],
  ['npm-token', `npm_${A.slice(0, 36)}`],
  ['pypi-token', `pypi-AgEIcHlwaS5vcmc${A}`],
  ['docker-token', `dckr_pat_${A.slice(0, 27)}`],
  ['hugging-face-token', `hf_${A.slice(0, 34)}`],
  ['digitalocean-token', `dop_v1_${'0a'.repeat(32)}`],
  ['sendgrid-key', `SG.${A.slice(0, 22)}.${A.slice(0, 43)}`],
  ['shopify-token', `shpat_${'0a'.repeat(16)}`],
  ['vault-token', `hvs.${A}`],
  ['tailscale-key', `tskey-auth-${A.slice(0, 30)}`],
  ['age-key', `AGE-SECRET-KEY-1${A.slice(0, 48).toUpperCase()}`],
  ['alex-ticket', `alex.ticket.${A.slice(0, 43)}`],
  ['alex-refresh-token', `alexr.bG9jYWw.${A.slice(0, 22)}.7.${A.slice(0, 43)}`],
  ['alex-key', `alex_${A.slice(0, 16)}_${A.slice(0, 43)}`],
  ['jwt', JWT],
  ['private-key', PEM],
];

describe('a secret of a known form', () => {
  it.each(KNOWN)('is masked: %s', (kind, secret) => {
    const mark = `[masked:${kind}]`;
    for (const [before, after] of [
      ['', ''],
      ['failed with ', ' at once'],
      ['{"detail":"', '"}'],
      ["'", "',"],
      ['value=', '&next=1'],
      ['(', ')'],
    ] as const) {
      expect(masker.text(`${before}${secret}${after}`)).toBe(`${before}${mark}${after}`);
    }
    expect(masker.text(JSON.stringify({ a: secret }))).not.toContain(A.slice(0, 16));
  });

  it.each([
    ['Authorization: Basic dXNlcjpwYXNz', 'Authorization: Basic [masked:authorization]'],
    ['"authorization":"Bearer abc.def-123"', '"authorization":"Bearer [masked:authorization]"'],
    ['sent bearer opaque1234 to it', 'sent bearer [masked:bearer-token] to it'],
    ['postgres://alex:p4ss@db.example/alex', 'postgres://[masked:url-credentials]@db.example/alex'],
    [`https://${A}@example.com/x`, 'https://[masked:url-credentials]@example.com/x'],
    ['Server=db;Password=hunter22;Port=1', 'Server=db;Password=[masked:secret];Port=1'],
    ['{"clientSecret": "s", "a": 1}', '{"clientSecret": "[masked:secret]", "a": 1}'],
    ['{\\"api_key\\":\\"abc\\"}', '{\\"api_key\\":\\"[masked:secret]\\"}'],
    ['/sign-in?token=abcdef123&x=1', '/sign-in?token=[masked:secret]&x=1'],
    ['AccountKey=abcd+/efgh==;', 'AccountKey=[masked:secret];'],
    ['{"password":"a\\"b\\\\","x":1}', '{"password":"[masked:secret]","x":1}'],
    ["--password 'x' passphrase: 'my long phrase'", "--password 'x' passphrase: '[masked:secret]'"],
  ])('is masked by what stands before it: %s', (text, masked) => {
    expect(masker.text(text)).toBe(masked);
  });

  it('that has no end is masked to the end of the text', () => {
    expect(masker.text(`x ${PEM.slice(0, 60)}`)).toBe('x [masked:private-key]');
  });

  it.each([
    'a plain line of a log, with numbers 1234567890 and a hash 2fd4e1c67a2d28fced849ee1bb76e7391b93eb12',
    'alex_isolate_session_actor_starts_total 12',
    'task-management-and-something-that-is-long-enough',
    'see https://example.com:8080/path?x=1 and git@example.com, user@host:port',
    'bearer realm="alex-edge"',
    'Bearer authentication is required',
    'the token expired; take another',
    'eyJ is how a token begins, and AKIA a key',
    '-----BEGIN CERTIFICATE-----',
    'placement 3f1b2c44-9a51-4f0e-8a73-111122223333 of session K3xv_9-QmZp4r7T1s8uVwA',
  ])('is not seen in %j', (text) => {
    expect(masker.text(text)).toBe(text);
  });
});

describe('members of a value', () => {
  it('are masked by their names, however deep, and keep their shape', () => {
    const value = {
      password: 'x',
      refreshToken: 'y',
      client_secret: 'z',
      'set-cookie': 'a=b',
      nested: [{ apiKey: 'k', note: `uses ${KNOWN[0]?.[1]}` }, null, 3, true],
      tokens: 12,
      credential: { kind: 'device', id: 'd' },
      name: 'plain',
      token: '',
    };
    expect(masker.value(value)).toEqual({
      password: '[masked:secret]',
      refreshToken: '[masked:secret]',
      client_secret: '[masked:secret]',
      'set-cookie': '[masked:secret]',
      nested: [{ apiKey: '[masked:secret]', note: 'uses [masked:aws-access-key]' }, null, 3, true],
      tokens: 12,
      credential: { kind: 'device', id: 'd' },
      name: 'plain',
      token: '',
    });
    expect(masker.value(masker.value(value))).toEqual(masker.value(value));
    expect(masker.fields({ ticket: 'x', count: 1, gone: null, msg: JWT })).toEqual({
      ...{ ticket: '[masked:secret]', count: 1, gone: null, msg: '[masked:jwt]' },
    });
  });

  it('are left out when they are too deep', () => {
    let deep: unknown = JWT;
    for (let depth = 0; depth < 20; depth += 1) deep = { deep };
    expect(JSON.stringify(masker.value(deep))).toContain('[masked:too-deep]');
  });
});

describe('a registered secret', () => {
  const own = new Masker();
  own.secrets.register('correct horse/battery', 'passphrase');
  own.secrets.register('horse/battery+staple');
  own.secrets.register('horse/bat', 'part');

  it('is masked in every encoding', () => {
    const bytes = new TextEncoder().encode('correct horse/battery');
    const hex = Buffer.from(bytes).toString('hex');
    for (const text of [
      'correct horse/battery',
      encodeURIComponent('correct horse/battery'),
      JSON.stringify('correct horse/battery').slice(1, -1),
      ...[hex, hex.toUpperCase()],
    ]) {
      expect(own.text(`<${text}>`)).toBe('<[masked:passphrase]>');
    }
    for (const shift of [0, 1, 2]) {
      const around = Buffer.concat([Buffer.alloc(shift, 'x'), bytes, Buffer.from('tail')]);
      for (const form of ['base64', 'base64url'] as const)
        expect(own.text(around.toString(form))).toContain('[masked:passphrase]');
    }
  });

  it('is masked whole when others overlap it, as the longest', () => {
    expect(own.text('a correct horse/battery+staple z')).toBe('a [masked:passphrase] z');
    expect(own.text('a horse/bat z')).toBe('a [masked:part] z');
  });

  it('is forgotten, and bounded in size and number', () => {
    const few = new Masker();
    expect(() => few.secrets.register('short')).toThrow(RangeError);
    expect(() => few.secrets.register('x'.repeat(9_000))).toThrow(RangeError);
    expect(() => few.secrets.register('long enough', 'No Kind')).toThrow(RangeError);
    for (let n = 0; n < MAX_REGISTERED_SECRETS; n += 1) few.secrets.register(`secret-number-${n}`);
    expect(() => few.secrets.register('one too many')).toThrow(RangeError);
    few.secrets.forget('secret-number-0');
    few.secrets.register('one too many');
    expect(few.text('one too many, secret-number-0')).toBe('[masked:secret], secret-number-0');
  });
});

/** Long enough for a time that can be measured. */
const LARGE_CHARS = 240_000;

/** Texts of secrets, halves of secrets, and what lies between. */
const pieces = fc.array(
  fc.oneof(
    { weight: 3, arbitrary: fc.constantFrom(...KNOWN.map(([, secret]) => secret)) },
    fc.constantFrom(...KNOWN.map(([, secret]) => secret.slice(0, 12))),
    fc.constantFrom(
      'registered-one',
      'one-registered-two',
      'token',
      'github-token',
      '[masked:',
      ']',
      '[masked:jwt]',
    ),
    fc.constantFrom(
      'password=',
      'Authorization: Bearer ',
      '://',
      '@',
      '"',
      '\\"',
      ':',
      '=',
      ' ',
      '\n',
      '_',
      '-',
      '.',
      'x',
      '9',
    ),
    fc.string({ maxLength: 5 }),
  ),
  { maxLength: 14 },
);

describe('masking', () => {
  const own = new Masker();
  own.secrets.register('registered-one');
  own.secrets.register('one-registered-two', 'other');
  own.secrets.register('github-token');

  it('changes nothing the second time', () => {
    fc.assert(
      fc.property(pieces, (parts) => {
        const once = own.text(parts.join(''));
        expect(own.text(once)).toBe(once);
      }),
      { numRuns: 3_000 },
    );
  });

  it('leaves no known secret between words', () => {
    fc.assert(
      fc.property(
        fc.shuffledSubarray(KNOWN, { minLength: 1 }),
        fc.constantFrom(' ', '\n', ', ', '"'),
        (some, gap) => {
          const masked = own.text(some.map(([, secret]) => secret).join(gap));
          for (const [, secret] of some) expect(masked).not.toContain(secret);
        },
      ),
      { numRuns: 300 },
    );
  });

  it.each([
    'eyJ',
    'eyJ-',
    'eyJ.',
    'a.eyJ',
    '-----BEGIN PRIVATE KEY-----',
    '-----BEGIN ',
    '://',
    '://a:',
    '://a@',
    'ghp_',
    'ghp_a',
    'xoxe.xox',
    'token',
    'token=',
    'token="',
    'password: ',
    'authorization: bearer ',
    'bearer ',
    'sk-',
    'AKIA',
    'a',
    'A1',
    '[masked:',
    '[masked:jwt]',
    'alex_',
    'AccountKey',
    'registered-on',
    'registered-one',
    'secret\\"',
    'pass',
    '\\"',
  ])('takes time that grows with the text and no faster: many %j', { retry: 2 }, (piece) => {
    const time = (chars: number): number => {
      const text = piece.repeat(Math.ceil(chars / piece.length));
      let best = Infinity;
      for (let run = 0; run < 5; run += 1) {
        const before = process.cpuUsage();
        own.text(text);
        best = Math.min(best, process.cpuUsage(before).user);
      }
      return best;
    };
    time(LARGE_CHARS);
    const ratio = time(LARGE_CHARS) / Math.max(time(LARGE_CHARS / 8), 300);
    // Eight times the text: eight times the time, were it not for noise; 64 times, were it quadratic.
    expect(ratio).toBeLessThan(44);
  });
});
