import { useSyncExternalStore } from 'react';

/**
 * Whether anybody is signed in on this browser: `in` until the edge says otherwise; `ended` when somebody was, on this very
 * page, and is not any more.
 */
export type SignedIn = 'in' | 'out' | 'ended';
let state: SignedIn = 'in';
/** The edge has answered as to somebody who is signed in. */
let confirmed = false;
const listeners = new Set<() => void>();
const RETURN_KEY = 'alex.return';
/** Written when a page of this browser finds somebody signed in, which its other tabs hear. */
const KNOWN_KEY = 'alex.known';

/** Somebody wants to sign in anew. The page shows how, and comes back here after it. */
export function signedOut(): void {
  leave('out');
}

/** Nobody is any more, as the edge says. As {@link signedOut}, and the page says so to who was in. */
export function signInEnded(): void {
  leave(confirmed ? 'ended' : state === 'in' ? 'out' : state);
}

/** The edge knows somebody here. */
export function isKnown(): void {
  if (confirmed) return;
  confirmed = true;
  try {
    localStorage.setItem(KNOWN_KEY, new Date().toISOString());
  } catch {
    // Full, or not allowed here: then other tabs stay as they are.
  }
}

/** Somebody signed in. Out: the path to go on at. */
export function signedIn(): string {
  const path = sessionStorage.getItem(RETURN_KEY);
  sessionStorage.removeItem(RETURN_KEY);
  isKnown();
  set('in');
  return path !== null && /^\/(?!\/)/.test(path) ? path : '/';
}

export function useSignedIn(): SignedIn {
  return useSyncExternalStore(subscribe, () => state);
}

function leave(how: SignedIn): void {
  if (location.pathname !== '/sign-in')
    sessionStorage.setItem(RETURN_KEY, location.pathname + location.search);
  confirmed = false;
  set(how);
}

function set(now: SignedIn): void {
  state = now;
  for (const listener of listeners) listener();
}

/**
 * While nobody is signed in here, signing in in another tab of this browser is enough. Loaded anew, because it may be
 * somebody else; not while a link is being used.
 */
function onStorage({ key, newValue }: StorageEvent): void {
  const isNews = key === KNOWN_KEY && newValue !== null;
  if (isNews && state !== 'in' && location.pathname !== '/sign-in') location.reload();
}

function subscribe(listener: () => void): () => void {
  if (listeners.size === 0) window.addEventListener('storage', onStorage);
  listeners.add(listener);
  return () => {
    listeners.delete(listener);
    if (listeners.size === 0) window.removeEventListener('storage', onStorage);
  };
}
