import { expect, it } from 'vitest';
import { RoundTrip } from './round-trip.ts';

it('takes the first sample whole, then an eighth of each (RFC 6298)', () => {
  const trip = new RoundTrip();
  trip.sent(1, 0);
  trip.applied(1, 100);
  expect([trip.smoothedMs, trip.variationMs]).toEqual([100, 50]);
  trip.sent(2, 1_000);
  trip.applied(2, 1_180);
  expect([trip.smoothedMs, trip.variationMs]).toEqual([110, 57.5]);
});

it('times the newest of what one answer confirms', () => {
  const trip = new RoundTrip();
  trip.sent(1, 0);
  trip.sent(2, 40);
  trip.sent(3, 60);
  trip.applied(2, 100);
  expect(trip.smoothedMs).toBe(60);
});

it('guesses until it has measured, and does not time what may be sent twice', () => {
  const trip = new RoundTrip();
  expect(trip.smoothedMs).toBeNull();
  trip.guess(80);
  trip.sent(1, 0);
  trip.interrupted();
  trip.applied(1, 5_000);
  expect(trip.smoothedMs).toBe(80);
  trip.sent(2, 6_000);
  trip.applied(2, 6_040);
  trip.guess(300);
  expect(trip.smoothedMs).toBe(40);
});
