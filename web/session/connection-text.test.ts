import { expect, test } from 'vitest';
import { connectionDetails, connectionText } from './connection-text.ts';

const usual = {
  connection: { kind: 'connected' } as const,
  host: { state: 'connected', hostId: 'h', epoch: 1, message: null } as const,
  status: 'running' as const,
  ...{ online: true, retryInS: 0, resumed: false },
};

test('each state has its words', () => {
  expect(connectionText(usual).text).toBe('Connected');
  expect(connectionText({ ...usual, resumed: true }).text).toBe('Resumed');
  const waiting = { kind: 'waiting', attempt: 2, retryInMs: 4000 } as const;
  expect(connectionText({ ...usual, connection: waiting, retryInS: 4 })).toEqual({
    ...{ tone: 'busy', text: 'Reconnecting in 4 s', canRetry: true },
  });
  expect(connectionText({ ...usual, connection: waiting, online: false }).text).toMatch(/offline/);
  expect(connectionText({ ...usual, connection: { kind: 'ended', reason: 'Gone.' } })).toMatchObject({
    tone: 'bad',
    text: 'Gone.',
  });
  expect(connectionText({ ...usual, status: 'suspended' }).text).toMatch(/Suspended/);
  expect(connectionText({ ...usual, host: { ...usual.host, state: 'placing' } }).text).toMatch(/Starting/);
});

test.each([
  [null, 'Connected'],
  [3.14159, 'Connected. A key takes 3.1 ms to the shell and back.'],
  [211.7, 'Connected. A key takes 212 ms to the shell and back.'],
])('tells the round trip %j to who looks closer', (roundTripMs, details) => {
  expect(connectionDetails('Connected', roundTripMs)).toBe(details);
});
