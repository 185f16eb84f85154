import { beforeEach, expect, it } from 'vitest';
import type { ViewerToSession } from '../protocol/messages/viewer.ts';
import { encodeFrame, FrameKind } from '../protocol/stream/frame.ts';
import { AttachedStreams } from './attached-streams.ts';

const encode = (text: string): Uint8Array => new TextEncoder().encode(text);
let sent: ViewerToSession[];
let streams: AttachedStreams;

beforeEach(() => {
  sent = [];
  streams = new AttachedStreams({ send: (message) => sent.push(message), sendFrame: () => undefined }, null);
});

/** Attaches; what comes is noted in the list. */
function attach(channel: number): string[] {
  const seen: string[] = [];
  streams.attach(
    channel,
    {
      output: (bytes) => seen.push(new TextDecoder().decode(bytes)),
      screen: () => seen.push('screen'),
      resized: ({ cols, rows }) => seen.push(`${cols}x${rows}`),
      exited: ({ reason }) => seen.push(reason),
    },
    0,
  );
  return seen;
}

const output = (channel: number, text: string): void =>
  streams.bytes(encodeFrame({ kind: FrameKind.Output, channel, offset: 0, payload: encode(text) }));

it('gives each terminal what is its own', () => {
  const [one, two] = [attach(1), attach(2)];
  output(1, 'for one');
  output(3, 'for nobody');
  streams.message({ type: 'terminal.resized', channel: 2, offset: 0, cols: 9, rows: 8 });
  const exit = { offset: 0, exitCode: null, signal: null, reason: 'lost' as const };
  streams.message({ type: 'terminal.exited', channel: 1, exit });
  streams.message({ type: 'terminal.exited', channel: 3, exit });
  expect(one).toEqual(['for one', 'lost']);
  expect(two).toEqual(['9x8']);
});

it('has one stream for a terminal: a new one hears, the old one does not', () => {
  const [before, after] = [attach(1), attach(1)];
  output(1, 'x');
  expect([before, after]).toEqual([[], ['x']]);
  streams.detach(1);
  streams.detach(1);
  output(1, 'y');
  expect(after).toEqual(['x']);
  expect(sent.map(({ type }) => type)).toEqual(['attach', 'attach', 'detach']);
});

it('attaches all again after a loss, and lets nobody type who only watches', () => {
  attach(1);
  streams.setMayType(false);
  const stream = streams.attach(2, { output: () => undefined, screen: () => undefined }, null);
  expect(stream.write(encode('x'))).toBe(false);
  sent.length = 0;
  streams.unlinked();
  streams.linked();
  expect(sent).toEqual([
    { type: 'attach', channel: 1, offset: 0 },
    { type: 'attach', channel: 2, offset: null },
  ]);
});

it('passes over what is no frame', () => {
  const seen = attach(1);
  streams.bytes(new Uint8Array([1, 2, 3]));
  expect(seen).toEqual([]);
});
