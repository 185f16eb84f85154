import type { InputStore } from './input-keeper.ts';

/**
 * Where a client keeps what is to outlive it: texts under keys. `localStorage` and `sessionStorage` fit by
 * {@link webStorage}. Whatever fails in it only means that nothing was kept.
 */
export interface ClientStorage {
  get(key: string): string | null;
  /** Null takes it away. */
  set(key: string, value: string | null): void;
}

/** Lives as long as the program: for a client that is closed and made anew. */
export function memoryStorage(): ClientStorage {
  const texts = new Map<string, string>();
  return {
    get: (key) => texts.get(key) ?? null,
    set: (key, value) => void (value === null ? texts.delete(key) : texts.set(key, value)),
  };
}

/** What browsers' storages are. */
interface WebStorage {
  getItem(key: string): string | null;
  setItem(key: string, value: string): void;
  removeItem(key: string): void;
}

/** The browser's: `sessionStorage` for a tab, `localStorage` for a page that is open once. */
export function webStorage(storage: WebStorage): ClientStorage {
  return {
    get: (key) => storage.getItem(key),
    set: (key, value) => (value === null ? storage.removeItem(key) : storage.setItem(key, value)),
  };
}

const clientKey = (sessionId: string): string => `alex.client.${sessionId}`;
const INPUT_PREFIX = 'alex.input.';

/** Whether a key of a storage holds a client's identity or its typed bytes: what two running clients may not share. */
export function isClientKey(key: string): boolean {
  return key.startsWith(clientKey('')) || key.startsWith(INPUT_PREFIX);
}

/** The id that names the client's input streams: the one kept, or a new one, kept from now on. */
export function clientIdIn(storage: ClientStorage, sessionId: string): string {
  const key = clientKey(sessionId);
  const known = read(storage, key);
  if (typeof known === 'string') return known;
  const id = crypto.randomUUID();
  write(storage, key, id);
  return id;
}

/** Forgets the id: the next client is another one. */
export function forgetClientId(storage: ClientStorage, sessionId: string): void {
  write(storage, clientKey(sessionId), null);
}

/** Where a session's client keeps typed bytes that were not applied yet. */
export function inputStoreIn(storage: ClientStorage, sessionId: string): InputStore {
  const key = (channel: number): string => `${INPUT_PREFIX}${sessionId}.${channel}`;
  return {
    load: (channel) => read(storage, key(channel)),
    save: (channel, saved) => write(storage, key(channel), saved),
  };
}

function read(storage: ClientStorage, key: string): unknown {
  try {
    return JSON.parse(storage.get(key) ?? 'null');
  } catch {
    return null;
  }
}

function write(storage: ClientStorage, key: string, value: unknown): void {
  try {
    storage.set(key, value === null ? null : JSON.stringify(value));
  } catch {
    // Full, or not allowed here.
  }
}
