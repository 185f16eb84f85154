const DAY_MS = 24 * 3_600_000;

/** The day (UTC) of a moment, such as `2026-11-25`; and the month it lies in, such as `2026-11`. */
export function dayOf(ms: number): string {
  return new Date(ms).toISOString().slice(0, 10);
}
export function monthOf(ms: number): string {
  return dayOf(ms).slice(0, 7);
}

/** When the month (UTC) of a moment ends. */
export function monthEndMs(ms: number): number {
  const at = new Date(ms);
  return Date.UTC(at.getUTCFullYear(), at.getUTCMonth() + 1);
}

/** How much of a stretch of time lies in which day (UTC), in milliseconds. A stretch that ends before it begins is none. */
export function splitByDay(fromMs: number, toMs: number): { day: string; ms: number }[] {
  const parts: { day: string; ms: number }[] = [];
  for (let atMs = fromMs; atMs < toMs;) {
    const nextMs = Math.min(toMs, (Math.floor(atMs / DAY_MS) + 1) * DAY_MS);
    parts.push({ day: dayOf(atMs), ms: nextMs - atMs });
    atMs = nextMs;
  }
  return parts;
}
