import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { fileStorage } from './file-storage.ts';
import { clientIdIn, forgetClientId, memoryStorage, webStorage } from './storage.ts';

const folder = mkdtempSync(join(tmpdir(), 'alex-storage-'));
afterAll(() => rmSync(folder, { recursive: true }));

const texts = new Map<string, string>();
const web = webStorage({
  getItem: (key) => texts.get(key) ?? null,
  setItem: (key, value) => void texts.set(key, value),
  removeItem: (key) => void texts.delete(key),
});

describe.each([
  ['memory', memoryStorage()],
  ['the web', web],
  ['files', fileStorage(join(folder, 'kept'))],
])('a storage in %s', (_name, storage) => {
  it('keeps texts until they are taken away', () => {
    expect(storage.get('../a key')).toBeNull();
    storage.set('../a key', 'ä\n');
    expect(storage.get('../a key')).toBe('ä\n');
    storage.set('../a key', null);
    storage.set('../a key', null);
    expect(storage.get('../a key')).toBeNull();
  });

  it('makes the next client of a session the same, and of another session another', () => {
    const id = clientIdIn(storage, 's1');
    expect(clientIdIn(storage, 's1')).toBe(id);
    expect(clientIdIn(storage, 's2')).not.toBe(id);
    forgetClientId(storage, 's1');
    expect(clientIdIn(storage, 's1')).not.toBe(id);
  });
});

it('files are for their owner only', () => {
  const kept = join(folder, 'kept');
  expect(statSync(kept).mode & 0o777).toBe(0o700);
  for (const name of readdirSync(kept)) expect(statSync(join(kept, name)).mode & 0o777).toBe(0o600);
});

it('a storage that fails is no reason to fail', () => {
  const broken = {
    get: () => 'not JSON',
    set: () => {
      throw new Error('full');
    },
  };
  expect(clientIdIn(broken, 's')).toMatch(/^[\w-]{36}$/);
});
