import { beforeEach, expect, it } from 'vitest';
import { decodeFrame, encodeOffset, type Frame, FrameKind } from '../protocol/stream/frame.ts';
import { TerminalInput } from './terminal-input.ts';

const encode = (text: string): Uint8Array => new TextEncoder().encode(text);
let frames: string[];
let input: TerminalInput;

beforeEach(() => {
  frames = [];
  input = new TerminalInput(
    1,
    {
      send: () => undefined,
      sendFrame: (bytes) => {
        const decoded = decodeFrame(bytes);
        if (decoded.ok)
          frames.push(`${new TextDecoder().decode(decoded.frame.payload)}@${decoded.frame.offset}`);
      },
    },
    null,
  );
});

/** What the session says of the input before `offset`, with the output offset at that moment. */
const confirmed = (offset: number, output: number): Frame => ({
  ...{ kind: FrameKind.InputAck, flags: 0, channel: 1, stream: 1, offset },
  payload: encodeOffset(output),
});

it('tells an observer what is typed, what was applied and where the output stood then', () => {
  const seen: unknown[] = [];
  const mode = { canonical: true, echo: true, signals: true };
  input.modeTold(mode);
  input.observe({
    typed: (bytes, end) => seen.push(['typed', bytes.length, end]),
    applied: (applied, output) => seen.push(['applied', applied, output]),
    mode: (told) => seen.push(['mode', told]),
  });
  input.resumed(confirmed(0, 7));
  input.write(encode('abc'));
  input.acknowledged(confirmed(2, 9));
  input.observe(null);
  input.write(encode('d'));
  expect(seen).toEqual([
    ['mode', mode],
    ['applied', 0, 7],
    ['typed', 3, 3],
    ['applied', 2, 9],
  ]);
  expect(frames).toEqual(['abc@0', 'd@3']);
  expect(input.pendingBytes).toBe(2);
});

it('sends nothing before it is known where it stands, nor after a loss', () => {
  input.write(encode('a'));
  expect(frames).toEqual([]);
  input.resumed(confirmed(0, 0));
  input.unlinked();
  input.write(encode('b'));
  expect(frames).toEqual(['a@0']);
  input.resumed(confirmed(1, 0));
  expect(frames).toEqual(['a@0', 'b@1']);
});

it('takes the time of another exchange for its round trip only until keys were timed', () => {
  expect(input.roundTripMs).toBeNull();
  input.guessRoundTrip(120);
  expect(input.roundTripMs).toBe(120);
  input.resumed(confirmed(0, 0));
  input.write(encode('a'));
  input.acknowledged(confirmed(1, 0));
  input.guessRoundTrip(5_000);
  expect(input.roundTripMs).toBeLessThan(5_000);
});
