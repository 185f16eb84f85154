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

/** Nobody is. The page shows how to sign in, and comes back here after it. */
export function signedOut(): void {
  if (location.pathname !== '/sign-in')
    sessionStorage.setItem(RETURN_KEY, location.pathname + location.search);
  set(confirmed ? 'ended' : 'out');
}

/** The edge knows somebody here. */
export function isKnown(): void {
  confirmed = true;
}

/** Somebody signed in. Out: the path to go on at. */
export function signedIn(): string {
  const path = sessionStorage.getItem(RETURN_KEY);
  sessionStorage.removeItem(RETURN_KEY);
  set('in');
  return path !== null && /^\/(?!\/)/.test(path) ? path : '/';
}

export function useSignedIn(): SignedIn {
  return useSyncExternalStore(subscribe, () => state);
}

function set(now: SignedIn): void {
  state = now;
  for (const listener of listeners) listener();
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}
