import { expect, test } from 'vitest';
import { admit } from './admission.ts';

const room = { draining: false, sessions: 0, capacity: 1, currentEpoch: null, epoch: 3 };

test('a placement is taken while there is room', () => {
  expect(admit(room)).toBeNull();
});

test('a full or draining host refuses new sessions, and says why', () => {
  expect(admit({ ...room, sessions: 1 })).toMatch(/full/);
  expect(admit({ ...room, draining: true })).toMatch(/drained/);
});

test('a session whose sandbox rests here is taken back, even when the host is draining and full', () => {
  expect(admit({ ...room, sessions: 1, currentEpoch: 0, draining: true })).toBeNull();
});

test('a session that is here already may be placed anew only with a higher epoch', () => {
  expect(admit({ ...room, sessions: 1, currentEpoch: 2, draining: true })).toBeNull();
  expect(admit({ ...room, sessions: 1, currentEpoch: 3 })).toMatch(/newer/);
});
