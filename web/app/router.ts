import { useSyncExternalStore } from 'react';

/** Places of the page. */
export type Route =
  { page: 'home' } | { page: 'sign-in'; token: string | null } | { page: 'session'; id: string };

const CHANGED = 'alex:navigate';

/** Reads the place out of a URL. Unknown paths are home. */
export function parseRoute(url: URL): Route {
  if (url.pathname === '/sign-in') return { page: 'sign-in', token: url.searchParams.get('token') };
  const id = /^\/s\/([A-Za-z0-9_-]{22})$/.exec(url.pathname)?.[1];
  return id === undefined ? { page: 'home' } : { page: 'session', id };
}

/** Goes to a path of ours; `?debug` and `?watch` stay on. */
export function navigate(path: string, options: { replace?: boolean } = {}): void {
  const url = new URL(path, location.href);
  if (isDebug()) url.searchParams.set('debug', '');
  if (isWatching()) url.searchParams.set('watch', '');
  if (options.replace === true) history.replaceState(null, '', url);
  else history.pushState(null, '', url);
  window.dispatchEvent(new Event(CHANGED));
}

/** Whether the page shows its inside to tests: `window.alexEdge`. */
export function isDebug(): boolean {
  return new URL(location.href).searchParams.has('debug');
}

/** Whether this page only watches, whatever its person may do. */
export function isWatching(): boolean {
  return new URL(location.href).searchParams.has('watch');
}

/** Makes the page one that only watches, or not, also after a reload. */
export function setWatching(watching: boolean): void {
  const url = new URL(location.href);
  if (watching) url.searchParams.set('watch', '');
  else url.searchParams.delete('watch');
  history.replaceState(null, '', url);
}

/** The current place; renders again when it changes. */
export function useRoute(): Route {
  const href = useSyncExternalStore(subscribe, () => location.href);
  return parseRoute(new URL(href));
}

function subscribe(changed: () => void): () => void {
  window.addEventListener('popstate', changed);
  window.addEventListener(CHANGED, changed);
  return () => {
    window.removeEventListener('popstate', changed);
    window.removeEventListener(CHANGED, changed);
  };
}
