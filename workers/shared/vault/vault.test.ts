import { env, runInDurableObject } from 'cloudflare:test';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { randomId } from '../ids.ts';
import { ConfiguredKek } from './configured-kek.ts';
import { DataKey, MAX_RECORDS_PER_SUBKEY } from './data-key.ts';
import type { KeyEncryptionKey } from './kek.ts';
import { decodeHeader, HEADER_BYTES } from './record.ts';
import { DATA_KEY_MAX_AGE_MS, DATA_KEY_MAX_SUBKEYS, Vault } from './vault.ts';
import { VaultError, type VaultErrorCode } from './vault-error.ts';

const OWNER = { tenant: 'workspace', subject: 'session/one' };
const PLACE = { stream: 'event', sequence: 7 };
const CONTENT = new TextEncoder().encode('what was said');

function kekOf(...ids: string[]): KeyEncryptionKey {
  return new ConfiguredKek(JSON.stringify({ keys: ids.map((id) => ({ id, key: secretOf(id) })) }));
}

const secrets = new Map<string, string>();
function secretOf(id: string): string {
  const known = secrets.get(id) ?? randomId(32);
  secrets.set(id, known);
  return known;
}

/** Runs in an actor nobody else uses. */
async function inActor<T>(run: (sql: SqlStorage, storage: DurableObjectStorage) => Promise<T>): Promise<T> {
  const stub = env.METRICS.get(env.METRICS.newUniqueId());
  return runInDurableObject(stub, (_instance, { storage }) => run(storage.sql, storage));
}

async function unlocked(sql: SqlStorage, kek = kekOf('a'), owner = OWNER, nowMs?: number): Promise<Vault> {
  const vault = new Vault(sql, kek);
  await vault.unlock(owner, nowMs);
  return vault;
}

const keyRows = (sql: SqlStorage): Record<string, SqlStorageValue>[] =>
  sql.exec('SELECT * FROM vault_keys ORDER BY number').toArray();

async function codeOf(act: () => unknown): Promise<VaultErrorCode | null> {
  try {
    await act();
    return null;
  } catch (error) {
    if (error instanceof VaultError) return error.code;
    throw error;
  }
}

describe('a record', () => {
  it('opens in its place, in this life of the actor and the next', () =>
    inActor(async (sql) => {
      const vault = await unlocked(sql);
      const property = fc.property(
        fc.uint8Array({ maxLength: 2_000 }),
        fc.string(),
        fc.nat(),
        (bytes, stream, n) => {
          const place = { stream, sequence: n };
          expect(vault.open(place, vault.seal(place, bytes))).toEqual(bytes);
        },
      );
      fc.assert(property, { numRuns: 50 });
      const value = { name: 'Ünïcödé \u{1f980}', list: [1, null, 'x'] };
      const record = vault.sealJson(PLACE, value);
      expect((await unlocked(sql)).openJson(PLACE, record)).toEqual(value);
    }));

  it('does not open with any bit of any byte changed, longer or shorter', () =>
    inActor(async (sql) => {
      const vault = await unlocked(sql);
      const record = vault.seal(PLACE, CONTENT);
      for (const at of record.keys()) {
        const changed = new Uint8Array(record);
        changed[at] = (changed[at] ?? 0) ^ (1 << (at % 8));
        expect(await codeOf(() => vault.open(PLACE, changed))).toMatch(/record-damaged|key-unknown/);
      }
      for (let length = 0; length < record.length; length += 1)
        expect(await codeOf(() => vault.open(PLACE, record.subarray(0, length)))).toBe('record-damaged');
      expect(await codeOf(() => vault.open(PLACE, new Uint8Array([...record, 0])))).toBe('record-damaged');
    }));

  it('opens nowhere else', () =>
    inActor(async (sql) => {
      const vault = await unlocked(sql);
      const record = vault.seal(PLACE, CONTENT);
      for (const place of [
        { stream: 'event', sequence: 8 },
        { stream: 'event', sequence: '7' },
        { stream: 'terminal', sequence: 7 },
        { stream: 'event",7', sequence: 7 },
      ]) {
        expect(await codeOf(() => vault.open(place, record))).toBe('record-damaged');
      }
      // Keys and record moved to another session, and to another tenant.
      for (const column of ['subject', 'tenant']) {
        sql.exec(`UPDATE vault_keys SET ${column} = 'other'`);
        expect(await codeOf(() => unlocked(sql))).toBe('kek-wrong');
        sql.exec(`UPDATE vault_keys SET subject = ?, tenant = ?`, OWNER.subject, OWNER.tenant);
      }
      expect((await unlocked(sql)).open(PLACE, record)).toEqual(CONTENT);
    }));

  it('is bound to tenant and subject by itself, not only by its key', () => {
    const secret = new Uint8Array(32).fill(7);
    const record = new DataKey(1, secret, OWNER, 0).seal(PLACE, CONTENT);
    expect(new DataKey(1, secret, OWNER, 0).open(PLACE, record)).toEqual(CONTENT);
    for (const other of [
      { ...OWNER, tenant: 'other' },
      { ...OWNER, subject: 'session/two' },
    ])
      expect(() => new DataKey(1, secret, other, 0).open(PLACE, record)).toThrow(VaultError);
  });
});

describe('nonces', () => {
  it('never repeat: not in one life, not after a restored snapshot, not after a transaction rolled back', () =>
    inActor(async (sql, storage) => {
      await unlocked(sql);
      const seen = new Set<string>();
      const rowsBefore = keyRows(sql);
      for (let life = 0; life < 20; life += 1) {
        const vault = await unlocked(sql);
        for (let n = 0; n < 20; n += 1) {
          const record = vault.seal(PLACE, CONTENT);
          seen.add(String(record.subarray(0, HEADER_BYTES)));
          expect(() =>
            storage.transactionSync(() => {
              seen.add(String(vault.seal(PLACE, CONTENT).subarray(0, HEADER_BYTES)));
              throw new Error('rolled back');
            }),
          ).toThrow('rolled back');
        }
        // Back to the storage as it was before this life.
        for (const { subkeys, number } of rowsBefore)
          sql.exec('UPDATE vault_keys SET subkeys = ? WHERE number = ?', subkeys, number);
      }
      expect(seen.size).toBe(20 * 20 * 2);
    }));

  it('start again under another subkey when one has sealed enough', () =>
    inActor(async (sql) => {
      const vault = await unlocked(sql);
      const salts = new Set<string>();
      let counter = 0;
      for (let n = 0; n <= MAX_RECORDS_PER_SUBKEY; n += 1) {
        const header = decodeHeader(vault.seal(PLACE, new Uint8Array(0)));
        if (n === 0 || n >= MAX_RECORDS_PER_SUBKEY - 1) salts.add(String(header?.salt));
        counter = header?.counter ?? -1;
      }
      expect([salts.size, counter]).toEqual([2, 0]);
      expect(keyRows(sql)[0]?.['subkeys']).toBe(2);
    }));
});

describe('rotation', () => {
  it('of the key-encryption key wraps data keys anew and touches no record', () =>
    inActor(async (sql) => {
      const record = (await unlocked(sql, kekOf('a'))).seal(PLACE, CONTENT);
      const [before] = keyRows(sql);
      await unlocked(sql, kekOf('b', 'a'));
      const [after] = keyRows(sql);
      expect([before?.['kekId'], after?.['kekId']]).toEqual(['a', 'b']);
      expect((await unlocked(sql, kekOf('b'))).open(PLACE, record)).toEqual(CONTENT);
      expect(await codeOf(() => unlocked(sql, kekOf('a')))).toBe('kek-unknown');
    }));

  it.each([
    [
      'age',
      (sql: SqlStorage) =>
        sql.exec('UPDATE vault_keys SET createdAtMs = createdAtMs - ?', DATA_KEY_MAX_AGE_MS + 1),
    ],
    ['use', (sql: SqlStorage) => sql.exec('UPDATE vault_keys SET subkeys = ?', DATA_KEY_MAX_SUBKEYS)],
  ])('of the data key by %s is for new records; old ones keep theirs until nobody needs it', (_why, wear) =>
    inActor(async (sql) => {
      const old = (await unlocked(sql)).seal(PLACE, CONTENT);
      wear(sql);
      const vault = await unlocked(sql);
      const fresh = vault.seal(PLACE, CONTENT);
      expect([decodeHeader(old)?.dataKey, decodeHeader(fresh)?.dataKey]).toEqual([1, 2]);
      expect(vault.open(PLACE, old)).toEqual(CONTENT);
      vault.prune(old);
      expect([vault.hasOldKeys, keyRows(sql).length]).toEqual([true, 2]);
      vault.prune(fresh);
      expect([vault.hasOldKeys, keyRows(sql).length]).toEqual([false, 1]);
      expect(await codeOf(() => vault.open(PLACE, old))).toBe('key-unknown');
      expect((await unlocked(sql)).open(PLACE, fresh)).toEqual(CONTENT);
    }),
  );

  it('gives data that moves to another tenant another data key', () =>
    inActor(async (sql) => {
      const before = (await unlocked(sql)).seal(PLACE, CONTENT);
      const vault = await unlocked(sql, kekOf('a'), { ...OWNER, tenant: 'elsewhere' });
      expect(vault.open(PLACE, before)).toEqual(CONTENT);
      expect(decodeHeader(vault.seal(PLACE, CONTENT))?.dataKey).toBe(2);
    }));
});

describe('a key-encryption key', () => {
  it('that is missing or another one is told by a typed error, and nothing is lost', () =>
    inActor(async (sql) => {
      const record = (await unlocked(sql, kekOf('a'))).seal(PLACE, CONTENT);
      const before = keyRows(sql);
      expect(await codeOf(() => unlocked(sql, kekOf('b')))).toBe('kek-unknown');
      const impostor = new ConfiguredKek(JSON.stringify({ keys: [{ id: 'a', key: randomId(32) }] }));
      expect(await codeOf(() => unlocked(sql, impostor))).toBe('kek-wrong');
      expect(keyRows(sql)).toEqual(before);
      expect((await unlocked(sql, kekOf('a'))).open(PLACE, record)).toEqual(CONTENT);
    }));

  it.each(['', '{}', '{"keys":[]}', '{"keys":[{"id":"a","key":"short"}]}', 'not json'])(
    'is not taken from %j',
    async (text) => {
      expect(await codeOf(() => new ConfiguredKek(text))).toBe('kek-config');
    },
  );

  it('may be a service that answers later, and whose failure changes nothing', () =>
    inActor(async (sql) => {
      const local = kekOf('a');
      const service: KeyEncryptionKey = {
        currentId: 'a',
        wrap: async (key, context) => (await scheduler.wait(1), local.wrap(key, context)),
        unwrap: async (wrapped, context) => (await scheduler.wait(1), local.unwrap(wrapped, context)),
      };
      const record = (await unlocked(sql, service)).seal(PLACE, CONTENT);
      const away = { ...service, currentId: 'b', wrap: () => Promise.reject(new Error('away')) };
      await expect(unlocked(sql, away)).rejects.toThrow('away');
      expect((await unlocked(sql, service)).open(PLACE, record)).toEqual(CONTENT);
    }));
});

describe('shredding', () => {
  it('leaves no key, in memory or in storage, and is for good', () =>
    inActor(async (sql) => {
      const vault = await unlocked(sql);
      const record = vault.seal(PLACE, CONTENT);
      vault.shred();
      for (const each of [vault, await unlocked(sql)]) {
        expect(each.shredded).toBe(true);
        expect(await codeOf(() => each.open(PLACE, record))).toBe('shredded');
        expect(await codeOf(() => each.seal(PLACE, CONTENT))).toBe('shredded');
      }
      expect(keyRows(sql).map((row) => (row['wrapped'] as ArrayBuffer).byteLength)).toEqual([0]);
    }));

  it('is not mistaken for a vault that was not unlocked', () =>
    inActor(async (sql) => {
      expect(await codeOf(() => new Vault(sql, kekOf('a')).seal(PLACE, CONTENT))).toBe('locked');
    }));
});
