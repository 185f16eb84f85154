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
