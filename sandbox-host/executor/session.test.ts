import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { expect, test } from 'vitest';
import type WebSocket from 'ws';
import { type Frame, FrameKind } from '../../protocol/stream/frame.ts';
import { createDriver } from '../drivers/index.ts';
import { Link } from './link.ts';
import { ExecutorSession } from './session.ts';

const log = pino({ level: 'silent' });

function session(): { session: ExecutorSession; changes: () => number } {
  let changes = 0;
  const dataDir = mkdtempSync(join(tmpdir(), 'alex-session-'));
  const driver = createDriver('bubblewrap', { dataDir, poolSize: 0, log });
  const made = new ExecutorSession('x'.repeat(22), driver, log, () => (changes += 1));
  return { session: made, changes: () => changes };
}

/** A link that takes down what it is told. */
function link(told: string[] = []): Link {
  const OPEN = 1;
  const socket = {
    OPEN,
    readyState: OPEN,
    bufferedAmount: 0,
    send: (data: unknown) => told.push(String(data)),
  };
  return new Link(socket as unknown as WebSocket);
}

const output: Frame = {
  kind: FrameKind.Output,
  flags: 0,
  channel: 1,
  stream: 0,
  offset: 0,
  payload: new Uint8Array(1),
};

test('a link that was torn is wanted again, for the actor may not know; one that was ended or replaced is not', () => {
  const { session: held, changes } = session();
  const first = link();
  held.connect(first);
  held.disconnect(first);
  expect(held.wants).toBe(false);
  const second = link();
  held.connect(second);
  held.disconnect(first, true);
  expect(held.wants).toBe(false);
  held.disconnect(second, true);
  expect(held.wants).toBe(true);
  expect(changes()).toBe(1);
  held.connect(link());
  expect(held.wants).toBe(false);
});

test('what a replaced link still says is not heard, whatever it is', async () => {
  const { session: held } = session();
  const told: string[] = [];
  const stale = link(told);
  held.connect(stale);
  held.frame(output, stale);
  expect(told).toHaveLength(1);
  held.connect(link());
  held.frame(output, stale);
  held.handle({ type: 'resize', channel: 9, size: { cols: 80, rows: 24 } }, stale);
  await held.stop();
  expect(told).toHaveLength(1);
});

test('it is over while nothing runs in it, nobody is linked and nothing is being done', async () => {
  const { session: held } = session();
  expect(held.over).toBe(true);
  const linked = link();
  held.connect(linked);
  expect(held.over).toBe(false);
  held.handle({ type: 'terminal.close', channel: 1 }, linked);
  held.disconnect(linked);
  expect(held.over).toBe(false);
  await held.stop();
  expect(held.over).toBe(true);
});
