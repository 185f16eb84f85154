import { useSyncExternalStore } from 'react';

/** Whether anybody is signed in on this browser; true until the edge says otherwise. */
let inside = true;
const listeners = new Set<() => void>();
const RETURN_KEY = 'alex.return';

/** Nobody is. The page shows how to sign in, and comes back here after it. */
export function signedOut(): void {
  if (location.pathname !== '/sign-in')
    sessionStorage.setItem(RETURN_KEY, location.pathname + location.search);
  set(false);
}

/** Somebody signed in. Out: the path to go on at. */
export function signedIn(): string {
  const path = sessionStorage.getItem(RETURN_KEY);
  sessionStorage.removeItem(RETURN_KEY);
  set(true);
  return path !== null && /^\/(?!\/)/.test(path) ? path : '/';
}

export function useSignedIn(): boolean {
  return useSyncExternalStore(subscribe, () => inside);
}

function set(now: boolean): void {
  inside = now;
  for (const listener of listeners) listener();
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}
