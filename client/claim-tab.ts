import { isClientKey } from './storage.ts';

const TAB_KEY = 'alex.tab';
/** The page that a reload replaces gives its lock back a moment after the new one has begun. */
const DYING_PAGE_MS = 1_000;

/** What a tab's storage is: `sessionStorage`. */
export interface TabStorage {
  readonly length: number;
  key(index: number): string | null;
  getItem(key: string): string | null;
  setItem(key: string, value: string): void;
  removeItem(key: string): void;
}

/** As much of `navigator.locks` as is used. */
export interface TabLocks {
  request(name: string, options: { signal: AbortSignal }, held: () => Promise<void>): Promise<unknown>;
}

/**
 * Makes the clients kept in a tab's storage this tab's alone; call it once, before the first one is used. A browser copies
 * that storage when a tab is duplicated or opens another: two tabs would be one client then, and each would type the other's
 * pending keys. Each living tab holds a lock; who finds its lock held is a copy, and forgets the clients it was given. A
 * reload, or a crashed tab that comes back, finds the lock free. Never rejects: without locks (a page that is not secure) or
 * storage nothing is claimed. Out: whether this tab was a copy.
 */
export async function claimTab(
  storage: TabStorage,
  locks: TabLocks | undefined,
  dyingPageMs = DYING_PAGE_MS,
): Promise<boolean> {
  if (locks === undefined) return false;
  try {
    const known = storage.getItem(TAB_KEY);
    if (known !== null && (await held(locks, known, dyingPageMs))) return false;
    const copied = known !== null;
    if (copied) forgetClients(storage);
    const tab = crypto.randomUUID();
    storage.setItem(TAB_KEY, tab);
    await held(locks, tab, dyingPageMs);
    return copied;
  } catch {
    return false;
  }
}

/** Takes a tab's lock for as long as the page lives. False: another page has it and does not give it back in time. */
function held(locks: TabLocks, tab: string, withinMs: number): Promise<boolean> {
  return new Promise((resolve) => {
    const untilThePageEnds = new Promise<void>(() => undefined);
    locks
      .request(`${TAB_KEY}.${tab}`, { signal: AbortSignal.timeout(withinMs) }, () => {
        resolve(true);
        return untilThePageEnds;
      })
      .catch(() => resolve(false));
  });
}

function forgetClients(storage: TabStorage): void {
  const keys = Array.from({ length: storage.length }, (_, index) => storage.key(index));
  for (const key of keys) if (key !== null && isClientKey(key)) storage.removeItem(key);
}
