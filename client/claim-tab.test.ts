import { expect, it } from 'vitest';
import { claimTab, type TabLocks, type TabStorage } from './claim-tab.ts';
import { clientIdIn, inputStoreIn, webStorage } from './storage.ts';

const SOON_MS = 20;
const SESSION = 's';

/** A tab's storage; a browser copies it when a tab is duplicated. */
class Storage implements TabStorage {
  readonly #texts: Map<string, string>;

  constructor(texts: Iterable<[string, string]> = []) {
    this.#texts = new Map(texts);
  }

  get length(): number {
    return this.#texts.size;
  }

  key(index: number): string | null {
    return [...this.#texts.keys()][index] ?? null;
  }

  getItem(key: string): string | null {
    return this.#texts.get(key) ?? null;
  }

  setItem(key: string, value: string): void {
    this.#texts.set(key, value);
  }

  removeItem(key: string): void {
    this.#texts.delete(key);
  }

  copy(): Storage {
    return new Storage(this.#texts);
  }
}

/** A page with the platform's locks, which it gives back when it ends. */
function page(): { locks: TabLocks; end: () => void } {
  const { promise, resolve } = Promise.withResolvers<undefined>();
  const locks: TabLocks = {
    request: (name, options, held) =>
      navigator.locks.request(name, options, () => Promise.race([held(), promise])),
  };
  return { locks, end: () => resolve(undefined) };
}

/** The storage of a tab in which a client has typed. */
function used(): Storage {
  const storage = new Storage([['other', 'kept']]);
  clientIdIn(webStorage(storage), SESSION);
  inputStoreIn(webStorage(storage), SESSION).save(1, { offset: 0, pending: 'bHM=' });
  return storage;
}

it('a reload keeps the clients of its tab, also when the page before dies a moment later', async () => {
  const storage = used();
  const [first, second] = [page(), page()];
  // Kept before there were claims: it is nobody else's.
  expect(await claimTab(storage, first.locks)).toBe(false);
  const id = clientIdIn(webStorage(storage), SESSION);
  const claimed = claimTab(storage, second.locks);
  first.end();
  expect(await claimed).toBe(false);
  expect(clientIdIn(webStorage(storage), SESSION)).toBe(id);
  expect(inputStoreIn(webStorage(storage), SESSION).load(1)).not.toBeNull();
  second.end();
});

it('a copied tab forgets the clients it was given, and is itself from then on', async () => {
  const [original, copy, reloaded] = [page(), page(), page()];
  const storage = used();
  await claimTab(storage, original.locks);
  const copied = storage.copy();
  expect(await claimTab(copied, copy.locks, SOON_MS)).toBe(true);
  const id = clientIdIn(webStorage(copied), SESSION);
  expect(id).not.toBe(clientIdIn(webStorage(storage), SESSION));
  expect(inputStoreIn(webStorage(copied), SESSION).load(1)).toBeNull();
  expect(copied.getItem('other')).toBe('kept');
  copy.end();
  expect(await claimTab(copied, reloaded.locks)).toBe(false);
  expect(clientIdIn(webStorage(copied), SESSION)).toBe(id);
  original.end();
  reloaded.end();
});

it('claims nothing, and does not fail, without locks or with a storage that fails', async () => {
  const storage = used();
  const id = clientIdIn(webStorage(storage), SESSION);
  expect(await claimTab(storage, undefined)).toBe(false);
  storage.setItem = () => {
    throw new Error('full');
  };
  expect(await claimTab(storage, page().locks)).toBe(false);
  expect(clientIdIn(webStorage(storage), SESSION)).toBe(id);
});
