import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { ensureKekFile, newKek, readKeks, withNewKek, withoutKek } from './kek.ts';

const data = mkdtempSync(join(tmpdir(), 'alex-kek-'));
afterAll(() => rmSync(data, { recursive: true }));

it('makes a set once, for its owner alone', () => {
  const file = ensureKekFile(data);
  const [made] = readKeks(file);
  expect(statSync(file).mode & 0o777).toBe(0o600);
  expect(Buffer.from(made?.key ?? '', 'base64url')).toHaveLength(32);
  expect(readKeks(ensureKekFile(data))).toEqual([made]);
});

it('puts a new key first and keeps the others', () => {
  const now = new Date('2026-11-25T10:00:00Z');
  const keys = withNewKek(withNewKek([newKek('first')], now), now);
  expect(keys.map(({ id }) => id)).toEqual(['kek-2026-11-25-2', 'kek-2026-11-25', 'first']);
  expect(new Set(keys.map(({ key }) => key)).size).toBe(3);
});

it('takes out only a key that is there and not current', () => {
  const keys = [newKek('now'), newKek('then')];
  expect(withoutKek(keys, 'then').map(({ id }) => id)).toEqual(['now']);
  expect(() => withoutKek(keys, 'now')).toThrow('current');
  expect(() => withoutKek(keys, 'never')).toThrow('no key');
});
