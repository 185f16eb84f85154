/** How close to a limit something is. */
export type Level = 'fine' | 'near' | 'full';

/** From this part of a limit on it is said that the limit is near. */
const NEAR = 0.8;

/** Where a used amount stands; without a limit (null) always fine. */
export function levelOf(used: number, limit: number | null): Level {
  if (limit === null) return 'fine';
  if (used >= limit) return 'full';
  return used >= limit * NEAR ? 'near' : 'fine';
}

const number = new Intl.NumberFormat('en', { maximumFractionDigits: 0 });
const upTo = (digits: number) => new Intl.NumberFormat('en', { maximumFractionDigits: digits });
const usd = { style: 'currency', currency: 'USD' } as const;
const dollars = new Intl.NumberFormat('en', usd);
const cents = new Intl.NumberFormat('en', { ...usd, maximumSignificantDigits: 2 });
const BYTES = ['B', 'KB', 'MB', 'GB', 'TB', 'PB'] as const;

export function count(value: number): string {
  return number.format(value);
}

/** US dollars; less than a cent as exactly as it takes to be seen: `$1,200.50`, `$0.0048`. */
export function money(value: number): string {
  return (value > 0 && value < 0.01 ? cents : dollars).format(value);
}

/** Bytes in powers of 1000, with two digits or more: `512 B`, `1.5 GB`, `120 GB`. */
export function bytes(value: number): string {
  let [scaled, power] = [value, 0];
  // What would round to 1,000 is one of the next unit.
  while (scaled >= 999.5 && power < BYTES.length - 1) {
    scaled /= 1_000;
    power += 1;
  }
  return `${upTo(scaled < 10 && power > 0 ? 1 : 0).format(scaled)} ${BYTES[power] ?? ''}`;
}

/** Milliseconds as people say them: `0 s`, `42 s`, `5 min`, `3 h 20 min`, `1,200 h`. */
export function duration(ms: number): string {
  const minutes = Math.floor(ms / 60_000);
  if (minutes === 0) return `${Math.floor(ms / 1_000)} s`;
  if (minutes < 60) return `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  const rest = minutes % 60;
  return hours >= 100 || rest === 0 ? `${count(hours)} h` : `${hours} h ${rest} min`;
}

/** A month such as `2026-11`, in words. */
export function monthName(month: string): string {
  const first = new Date(`${month}-01T00:00:00Z`);
  return new Intl.DateTimeFormat('en-GB', { month: 'long', year: 'numeric', timeZone: 'UTC' }).format(first);
}
