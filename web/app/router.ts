import { useSyncExternalStore } from 'react';

/** Pages of the settings, by their path. */
export const SETTINGS_PATHS = {
  account: '/settings/account',
  devices: '/settings/devices',
  keys: '/settings/keys',
  workspace: '/settings/workspace',
  usage: '/settings/workspace/usage',
  members: '/settings/workspace/members',
  invitations: '/settings/workspace/invitations',
  access: '/settings/workspace/access',
  audit: '/settings/audit',
} as const;
export type SettingsPage = keyof typeof SETTINGS_PATHS;

/** What a link with a secret in its fragment is for. */
export type LinkKind = 'share' | 'invitation';

/** Places of the page. */
export type Route =
  | { page: 'home' }
  /** `ask`: the token is spent only when the person says so. */
  | { page: 'sign-in'; token: string | null; ask: boolean }
  | { page: 'session'; id: string }
  | { page: 'settings'; of: SettingsPage }
  | { page: 'link'; kind: LinkKind; secret: string | null }
  | { page: 'device'; code: string | null };

const CHANGED = 'alex:navigate';

/** Reads the place out of a URL. Unknown paths are home. */
export function parseRoute(url: URL): Route {
  const { pathname, searchParams } = url;
  const secret = url.hash.length > 1 ? url.hash.slice(1) : null;
  switch (pathname) {
    case '/sign-in':
      return { page: 'sign-in', token: searchParams.get('token'), ask: searchParams.has('ask') };
    case '/share':
      return { page: 'link', kind: 'share', secret };
    case '/invitation':
      return { page: 'link', kind: 'invitation', secret };
    case '/device':
      return { page: 'device', code: searchParams.get('code') };
  }
  if (pathname === '/settings') return { page: 'settings', of: 'account' };
  for (const of of Object.keys(SETTINGS_PATHS) as SettingsPage[]) {
    if (SETTINGS_PATHS[of] === pathname) return { page: 'settings', of };
  }
  const id = /^\/s\/([A-Za-z0-9_-]{22})$/.exec(pathname)?.[1];
  return id === undefined ? { page: 'home' } : { page: 'session', id };
}

/** Where the page was before it came to the settings: a session, or home. */
let beforeSettings = '/';

/** Goes to a path of ours; `?debug` and `?watch` stay on. */
export function navigate(path: string, options: { replace?: boolean } = {}): void {
  const url = new URL(path, location.href);
  if (isDebug()) url.searchParams.set('debug', '');
  if (isWatching()) url.searchParams.set('watch', '');
  const here = parseRoute(new URL(location.href)).page;
  if (here === 'session' || here === 'home') beforeSettings = location.pathname;
  if (options.replace === true) history.replaceState(null, '', url);
  else history.pushState(null, '', url);
  window.dispatchEvent(new Event(CHANGED));
}

/** Goes from the settings to where one came from. */
export function leaveSettings(): void {
  navigate(beforeSettings);
}

/** Whether a page of the settings is shown. */
export function inSettings(): boolean {
  return parseRoute(new URL(location.href)).page === 'settings';
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
