import { env, evictDurableObject, runDurableObjectAlarm, runInDurableObject } from 'cloudflare:test';
import { createLocalJWKSet, generateKeyPair, jwtVerify, SignJWT } from 'jose';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { z } from 'zod';
import { ACCESS_AUDIENCE, issueAccessToken, TOKEN_ISSUER, verifyAccessToken } from '../shared/auth.ts';
import { bootstrapPair, currentSigner } from '../shared/keyring.ts';
import { randomId } from '../shared/ids.ts';
import { ConfiguredKek } from '../shared/vault/configured-kek.ts';
import { VaultError } from '../shared/vault/vault-error.ts';
import { DEPLOYMENT_STREAM } from '../../protocol/audit/entry.ts';
import { auditRows } from '../testing/audit.ts';
import { ask, newUser } from '../testing/api.ts';
import { dump } from '../testing/vault.ts';
import { PUBLISHED_AHEAD_MS, SIGNS_FOR_MS } from './schedule.ts';

const keyring = () => env.KEYRING.get(env.KEYRING.idFromName('issuer'));
const KeySet = z.object({
  keys: z.array(
    z.strictObject({
      ...{ kty: z.literal('OKP'), crv: z.literal('Ed25519'), x: z.string(), kid: z.string() },
      ...{ alg: z.literal('EdDSA'), use: z.literal('sig') },
    }),
  ),
});

async function keySet() {
  const response = await ask('/.well-known/jwks.json');
  expect(response.status).toBe(200);
  return { response, ...KeySet.parse(await response.json()) };
}

/** A device's identity, as access tokens carry it. */
const someone = () => ({ ...newUser(), credential: { kind: 'device' as const, id: 'd'.repeat(22) } });

function passTime(ms: number): void {
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + ms });
}

afterEach(() => {
  vi.useRealTimers();
});

/** The cache of the place has a clock of its own. */
async function outliveColoCache(): Promise<void> {
  expect(await caches.default.delete('https://colo-cache.invalid/published-keys')).toBe(true);
}

describe('the published keys', () => {
  it('verify our tokens, may be kept, and hold nothing private', async () => {
    const { token } = await issueAccessToken(env, someone());
    const { response, keys } = await keySet();
    expect(response.headers.get('cache-control')).toBe('public, max-age=300');
    const verified = await jwtVerify(token, createLocalJWKSet({ keys }), {
      ...{ issuer: TOKEN_ISSUER, audience: ACCESS_AUDIENCE, typ: 'at+jwt' },
    });
    expect(verified.payload['did']).toBe('d'.repeat(22));
    expect(keys.map(({ kid }) => kid)).toContain((await bootstrapPair(env.SIGNING_KEY)).kid);
  });

  it('change over without a token failing: the next is there before it signs, the old stays as long as its tokens', async () => {
    const first = await currentSigner(env);
    passTime(SIGNS_FOR_MS - PUBLISHED_AHEAD_MS + 1_000);
    await outliveColoCache();
    expect(await runDurableObjectAlarm(keyring())).toBe(true);
    expect((await currentSigner(env)).kid).toBe(first.kid);
    const ahead = (await keySet()).keys.map(({ kid }) => kid);
    expect(ahead).toHaveLength(3);
    passTime(PUBLISHED_AHEAD_MS - 2_000);
    const last = await issueAccessToken(env, someone());
    passTime(5_000);
    const second = await currentSigner(env);
    expect(second.kid).not.toBe(first.kid);
    expect(ahead).toContain(second.kid);
    expect(await verifyAccessToken(env, last.token)).not.toBeNull();
    expect(await verifyAccessToken(env, (await issueAccessToken(env, someone())).token)).not.toBeNull();
    passTime(3_600_000);
    await runDurableObjectAlarm(keyring());
    await outliveColoCache();
    expect((await keySet()).keys.map(({ kid }) => kid)).not.toContain(first.kid);
  });

  it('are read again, once, for a key id that is not known', async () => {
    await keySet();
    let asked = 0;
    const counting = {
      SIGNING_KEY: env.SIGNING_KEY,
      KEYRING: new Proxy(env.KEYRING, {
        get(namespace, member: keyof typeof env.KEYRING) {
          if (member === 'get') asked += 1;
          return namespace[member].bind(namespace);
        },
      }),
    };
    const { privateKey } = await generateKeyPair('EdDSA', { crv: 'Ed25519' });
    const forged = await new SignJWT({})
      .setProtectedHeader({ alg: 'EdDSA', kid: 'no-such-key', typ: 'at+jwt' })
      .setExpirationTime('1h')
      .sign(privateKey);
    passTime(60_000);
    for (let n = 0; n < 20; n += 1) expect(await verifyAccessToken(counting, forged)).toBeNull();
    expect(asked).toBe(1);
  });

  it('are made once, however many ask first, and stay through a restart', async () => {
    const fresh = env.KEYRING.get(env.KEYRING.idFromName('another'));
    const signers = await Promise.all(Array.from({ length: 5 }, () => fresh.signer()));
    expect(new Set(signers.map(({ kid }) => kid)).size).toBe(1);
    const rows = await runInDurableObject(
      fresh,
      (_keyring, state) => state.storage.sql.exec('SELECT count(*) AS n FROM keys').one()['n'],
    );
    expect(rows).toBe(1);
    await vi.waitFor(async () => {
      const made = (await auditRows(DEPLOYMENT_STREAM)).filter(({ target }) => target.id === signers[0]?.kid);
      expect(made).toMatchObject([{ action: 'signing-key.rotate', actor: { userId: null } }]);
    });
  });
});

describe('private keys', () => {
  const newKeyring = () => env.KEYRING.get(env.KEYRING.idFromName(randomId(9)));
  const stored = (actor: ReturnType<typeof newKeyring>) =>
    runInDurableObject(actor, (_keyring, { storage }) => dump(storage.sql));

  it('are sealed at rest', async () => {
    const actor = newKeyring();
    const { privateJwk, kid } = await actor.signer();
    const everything = await stored(actor);
    expect(everything).toContain(kid);
    expect(everything).not.toContain(privateJwk.d);
    await evictDurableObject(actor);
    expect((await actor.signer()).privateJwk).toEqual(privateJwk);
  });

  it('that an older version left in the clear are sealed, and go on signing', async () => {
    const actor = newKeyring();
    const jwk = { kty: 'OKP', crv: 'Ed25519', x: 'x'.repeat(43), d: 'd'.repeat(43) };
    await runInDurableObject(actor, async (_keyring, { storage }) => {
      await storage.deleteAll();
      storage.sql.exec(
        `CREATE TABLE keys (kid TEXT PRIMARY KEY, x TEXT NOT NULL, privateJwk TEXT NOT NULL,
           signsFromMs INTEGER NOT NULL, signsUntilMs INTEGER NOT NULL);
         INSERT INTO keys VALUES ('kid', ?, ?, 0, 9e15)`,
        ...[jwk.x, JSON.stringify(jwk)],
      );
    });
    await evictDurableObject(actor);
    expect(await actor.signer()).toMatchObject({ kid: 'kid', privateJwk: jwk });
    expect(await stored(actor)).not.toContain(jwk.d);
  });

  it('do not leave an actor without the key-encryption key, which still says what verifies', async () => {
    const actor = newKeyring();
    const { kid } = await actor.signer();
    const unwrap = vi.spyOn(ConfiguredKek.prototype, 'unwrap');
    unwrap.mockRejectedValue(new VaultError('kek-unknown', 'Put the key back.'));
    await evictDurableObject(actor);
    expect((await actor.published()).map((key) => key.kid)).toContain(kid);
    await runInDurableObject(actor, async (keyring) => {
      await expect(keyring.signer()).rejects.toThrow('vault/kek-unknown');
    });
    unwrap.mockRestore();
    await evictDurableObject(actor);
    expect((await actor.signer()).kid).toBe(kid);
  });
});

describe('a token of the keyring', () => {
  const claims = { sub: 'x', name: 'x', ws: 'x', jti: 'x'.repeat(22) };

  it('needs its type and the key it names', async () => {
    const { kid, key } = await currentSigner(env);
    const own = await bootstrapPair(env.SIGNING_KEY);
    const sign = (header: { kid?: string; typ?: string }, by: CryptoKey) =>
      new SignJWT(claims)
        .setProtectedHeader({ alg: 'EdDSA', ...header })
        .setIssuer(TOKEN_ISSUER)
        .setAudience(ACCESS_AUDIENCE)
        .setExpirationTime('5m')
        .sign(by);
    const verified = async (token: string) => (await verifyAccessToken(env, token)) !== null;
    expect(await verified(await sign({ kid, typ: 'at+jwt' }, key))).toBe(true);
    expect(await verified(await sign({ kid }, key))).toBe(false);
    expect(await verified(await sign({ kid, typ: 'JWT' }, key))).toBe(false);
    expect(await verified(await sign({ typ: 'at+jwt' }, key))).toBe(false);
    expect(await verified(await sign({ kid: own.kid, typ: 'at+jwt' }, key))).toBe(false);
    expect(await verified(await sign({ kid, typ: 'at+jwt' }, own.sign))).toBe(false);
    expect(await verified(await sign({ kid: own.kid }, own.sign))).toBe(true);
  });
});
