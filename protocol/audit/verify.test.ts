import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { canonicalJson, type JsonObject } from '../sync/json.ts';
import { type AuditCheckpoint, type AuditExportEnd, signedBytes } from './checkpoint.ts';
import type { AuditEntry } from './entry.ts';
import { linesOf } from './lines.ts';
import { type AuditHead, EMPTY_HEAD, rowAfter } from './row.ts';
import { verifyExport } from './verify.ts';

const KID = 'key-1';
let keys: CryptoKeyPair;
beforeAll(async () => {
  const made = await crypto.subtle.generateKey('Ed25519', false, ['sign', 'verify']);
  if (!('privateKey' in made)) throw new Error('no key pair');
  keys = made;
});

async function signed<Line extends JsonObject>(line: Line, by = keys): Promise<Line & { signature: string }> {
  const signature = new Uint8Array(await crypto.subtle.sign('Ed25519', by.privateKey, signedBytes(line)));
  return { ...line, signature: Array.from(signature, (byte) => byte.toString(16).padStart(2, '0')).join('') };
}

const entry = (n: number, name: string): AuditEntry => ({
  ...{ action: 'session.share', outcome: 'allowed', workspaceId: 'w', reason: null, requestId: `r-${n}` },
  actor: { userId: 'ada', credential: { kind: 'device', id: 'd' } },
  target: { kind: 'session', id: `s-${n}` },
  detail: { name, n, ok: true },
  ...{ address: '192.0.2.1', atMs: 1_790_000_000_000 + n, id: `entry-${n}`.padEnd(20, 'x') },
});

/** The lines of an export of `count` rows from `firstSeq` on, with a checkpoint behind every third row. */
async function exportOf(count: number, firstSeq = 1, name = 'é\u{1F600}"\\'): Promise<string[]> {
  let head: AuditHead = EMPTY_HEAD;
  for (let seq = 1; seq < firstSeq; seq += 1) head = rowAfter(head, entry(seq, 'before'));
  const common = { version: 1 as const, workspaceId: 'w' };
  const lines: JsonObject[] = [{ type: 'export', ...common, firstSeq }];
  const place = () => ({
    ...common,
    seq: head.seq,
    hash: head.hash,
    at: '2026-11-25T03:00:00.000Z',
    kid: KID,
  });
  let checkpoints = 0;
  for (let n = 0; n < count; n += 1) {
    const row = rowAfter(head, entry(firstSeq + n, name));
    lines.push(row);
    head = row;
    if (row.seq % 3 !== 0) continue;
    checkpoints += 1;
    lines.push(await signed({ type: 'checkpoint', ...place() } satisfies Omit<AuditCheckpoint, 'signature'>));
  }
  const end: Omit<AuditExportEnd, 'signature'> = { type: 'end', ...place(), firstSeq, checkpoints };
  lines.push(await signed(end));
  return lines.map((line) => `${canonicalJson(line)}\n`);
}

const verify = (text: string | Uint8Array, known = true) => {
  const bytes = typeof text === 'string' ? new TextEncoder().encode(text) : text;
  async function* chunks() {
    for (let at = 0; at < bytes.length; at += 700) yield bytes.subarray(at, at + 700);
  }
  return verifyExport(linesOf(chunks()), known ? async (kid) => (kid === KID ? keys.publicKey : null) : null);
};
/** Place of the line with row `seq` in a whole export from row 1 on. */
const placeOf = (lines: string[], seq: number) =>
  lines.findIndex((line) => line.includes(`"id":"entry-${seq}x`));

describe('an export', () => {
  it('as it was written is whole', async () => {
    expect(await verify((await exportOf(10)).join(''))).toEqual({
      ...{
        ok: true,
        workspaceId: 'w',
        firstSeq: 1,
        lastSeq: 10,
        checkpoints: 3,
        keys: [KID],
      },
    });
    expect(await verify((await exportOf(4, 8)).join(''))).toMatchObject({
      ok: true,
      firstSeq: 8,
      lastSeq: 11,
    });
  });

  it('without keys is looked at but for its signatures; with others is not the deployment’s', async () => {
    const verdict = await verify((await exportOf(4)).join(''), false);
    expect(verdict).toMatchObject({ ok: true, keys: [] });
    const others = await verifyExport(await exportOf(4), async () => null);
    expect(others).toMatchObject({
      ok: false,
      seq: 3,
      problem: expect.stringMatching(/names the key key-1/),
    });
  });

  it('with any one byte changed is found broken', async () => {
    const bytes = new TextEncoder().encode((await exportOf(7)).join(''));
    await fc.assert(
      fc.asyncProperty(fc.nat(bytes.length - 1), fc.integer({ min: 1, max: 255 }), async (at, flip) => {
        const changed = bytes.slice();
        changed[at] = (changed[at] ?? 0) ^ flip;
        expect(await verify(changed)).toMatchObject({ ok: false });
      }),
      { numRuns: 300 },
    );
  });

  it('without a row, with two of them swapped or one repeated, names the first that is not as it was', async () => {
    const lines = await exportOf(12);
    const seq = fc.integer({ min: 1, max: 12 });
    await fc.assert(
      fc.asyncProperty(
        seq,
        seq,
        fc.constantFrom('remove', 'swap', 'repeat', 'reword'),
        async (one, two, how) => {
          const [first, second] = [Math.min(one, two), Math.max(one, two)];
          fc.pre(how !== 'swap' || first !== second);
          const [a, b] = [placeOf(lines, first), placeOf(lines, second)];
          const changed = [...lines];
          if (how === 'remove') changed.splice(a, 1);
          else if (how === 'repeat') changed.splice(b, 0, lines[b] ?? '');
          else if (how === 'reword') changed[a] = lines[a]?.replace('"ada"', '"eve"') ?? '';
          else [changed[a], changed[b]] = [lines[b] ?? '', lines[a] ?? ''];
          const verdict = await verify(changed.join(''));
          expect(verdict).toMatchObject({ ok: false, seq: how === 'repeat' ? second : first });
        },
      ),
      { numRuns: 200 },
    );
  });

  it('that is cut off anywhere is found so', async () => {
    const text = (await exportOf(6)).join('');
    const size = new TextEncoder().encode(text).length;
    await fc.assert(
      fc.asyncProperty(fc.nat(size - 1), async (kept) => {
        const verdict = await verify(new TextEncoder().encode(text).subarray(0, kept));
        expect(verdict).toMatchObject({ ok: false });
      }),
      { numRuns: 100 },
    );
    const lines = await exportOf(6);
    expect(await verify(lines.slice(0, 4).join(''))).toMatchObject({
      problem: expect.stringMatching(/cut off behind row 3/),
    });
  });

  it('without a checkpoint, without its beginning, or with the first rows taken off, is found so', async () => {
    const lines = await exportOf(7);
    const without = (at: number) => verify(lines.filter((_, n) => n !== at).join(''));
    expect(await without(4)).toMatchObject({ problem: 'The export had 2 checkpoints; here are 1.' });
    expect(await without(0)).toMatchObject({ problem: 'The beginning of the file is missing.', line: 1 });
    const later = lines[0]?.replace('"firstSeq":1', '"firstSeq":3') ?? '';
    const shorter = [later, ...lines.slice(placeOf(lines, 3))];
    expect(await verify(shorter.join(''))).toMatchObject({ ok: false, seq: 1 });
  });

  it('that somebody chained anew is found by the first signature', async () => {
    const honest = await exportOf(8);
    const forged = await exportOf(8, 1, 'forged');
    const other = await crypto.subtle.generateKey('Ed25519', false, ['sign', 'verify']);
    if (!('privateKey' in other)) throw new Error('no key pair');
    // Whoever has no key of the deployment can put its old checkpoints in...
    const mixed = forged.map((line, at) => (line.includes('"type":"entry"') ? line : (honest[at] ?? '')));
    expect(await verify(mixed.join(''))).toMatchObject({ ok: false, seq: 3 });
    // ...or sign with another.
    const resigned = await Promise.all(
      forged.map(async (line) => {
        const { signature, ...rest }: { signature?: string } & JsonObject = JSON.parse(line);
        return signature === undefined ? line : `${canonicalJson(await signed(rest, other))}\n`;
      }),
    );
    expect(await verify(resigned.join(''))).toMatchObject({
      ok: false,
      seq: 3,
      problem: expect.stringMatching(/signature/),
    });
  });
});
