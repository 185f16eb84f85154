import type { Hours } from '../../../protocol/messages/access-policy.ts';

const DAYS = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'];
const MINUTES_PER_DAY = 24 * 60;

/** Whether a moment lies in one of the windows, by the clocks of their zone. A window ends before its `to`. */
export function inHours(nowMs: number, { timeZone, windows }: Hours): boolean {
  const { day, minute } = clockAt(nowMs, timeZone);
  return windows.some(({ days, from, to }) => {
    const [begin, end] = [minutesOf(from), minutesOf(to)];
    const lastsMinutes = (end - begin + MINUTES_PER_DAY) % MINUTES_PER_DAY || MINUTES_PER_DAY;
    // Of today's window, or of one that began yesterday and goes on over midnight.
    const sinceToday = minute - begin;
    const sinceYesterday = sinceToday + MINUTES_PER_DAY;
    return (
      (days.includes(day) && sinceToday >= 0 && sinceToday < lastsMinutes) ||
      (days.includes((day + 6) % 7) && sinceYesterday < lastsMinutes)
    );
  });
}

function clockAt(nowMs: number, timeZone: string): { day: number; minute: number } {
  const format = new Intl.DateTimeFormat('en-US', {
    ...{ timeZone, weekday: 'short', hour: '2-digit', minute: '2-digit', hourCycle: 'h23' },
  });
  const parts = new Map(format.formatToParts(nowMs).map(({ type, value }) => [type, value]));
  return {
    day: DAYS.indexOf(parts.get('weekday') ?? ''),
    minute: Number(parts.get('hour')) * 60 + Number(parts.get('minute')),
  };
}

function minutesOf(time: string): number {
  const [hours, minutes] = time.split(':');
  return Number(hours) * 60 + Number(minutes);
}
