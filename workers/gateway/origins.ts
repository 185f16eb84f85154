/** Origins besides our own that browsers may call from, from the comma-separated setting. */
export function parseOrigins(setting: string | undefined): ReadonlySet<string> {
  const origins = (setting ?? '')
    .split(',')
    .map((entry) => entry.trim())
    .filter((entry) => entry !== '');
  return new Set(origins);
}

/**
 * Whether a request's Origin may act for its user. No Origin: a program, which carries its own credentials. Origins
 * are compared whole; `null` (sandboxed frames, files) is never allowed.
 */
export function originAllowed(
  origin: string | null,
  requestUrl: string,
  setting: string | undefined,
): boolean {
  if (origin === null) return true;
  if (origin === 'null') return false;
  return origin === new URL(requestUrl).origin || parseOrigins(setting).has(origin);
}

/** What a request says of where it comes from: its headers Origin and Sec-Fetch-Site, null where absent. */
export interface RequestOrigin {
  origin: string | null;
  fetchSite: string | null;
}

/**
 * Whether a request comes from a page that is neither ours nor listed. Besides the Origin the browser's Sec-Fetch-Site
 * tells, also where there is no Origin; a page on another host of our site is foreign as well.
 */
export function isForeign(from: RequestOrigin, requestUrl: string, setting: string | undefined): boolean {
  const { origin, fetchSite } = from;
  if (!originAllowed(origin, requestUrl, setting)) return true;
  if (origin !== null && parseOrigins(setting).has(origin)) return false;
  return fetchSite !== null && fetchSite !== 'same-origin' && fetchSite !== 'none';
}

/**
 * Whether a cookie beside the request may say who asks. A browser adds cookies by itself, also for pages of others, so a
 * change has to come with an Origin: every current browser sends one with it.
 */
export function cookieCounts(
  from: RequestOrigin,
  changes: boolean,
  requestUrl: string,
  setting: string | undefined,
): boolean {
  return !isForeign(from, requestUrl, setting) && !(changes && from.origin === null);
}
