const SPANS = [
  { unit: 'day', ms: 86_400_000 },
  { unit: 'hour', ms: 3_600_000 },
  { unit: 'minute', ms: 60_000 },
] as const;

/** How far away a moment is, in words: `in 3 days`, `2 hours ago`, `just now`. */
export function relative(iso: string, nowMs: number): string {
  const away = Date.parse(iso) - nowMs;
  for (const { unit, ms } of SPANS) {
    if (Math.abs(away) < ms) continue;
    const words = new Intl.RelativeTimeFormat('en', { numeric: 'always' });
    return words.format(away > 0 ? Math.round(away / ms) : -Math.floor(-away / ms), unit);
  }
  return away > 0 ? 'in less than a minute' : 'just now';
}

/** A moment by the clocks of whoever looks: `25 Nov 2026, 03:14`. */
export function dateTime(iso: string): string {
  const format = {
    day: 'numeric',
    month: 'short',
    year: 'numeric',
    hour: '2-digit',
    minute: '2-digit',
  } as const;
  return new Intl.DateTimeFormat('en-GB', format).format(new Date(iso));
}

/** Now, in milliseconds since 1970. */
export function nowMs(): number {
  return Date.now();
}
