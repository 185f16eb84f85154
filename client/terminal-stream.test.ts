import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { ACK_EVERY_BYTES, ACK_EVERY_MS } from '../protocol/limits.ts';
import type { ViewerToSession } from '../protocol/messages/viewer.ts';
import { decodeFrame, encodeOffset, type Frame, FrameKind, SnapshotFlag } from '../protocol/stream/frame.ts';
import { TerminalStream } from './terminal-stream.ts';

const CHANNEL = 3;
const INFO = {
  ...{ channel: CHANNEL, title: 't', cols: 80, rows: 24, state: 'running' as const },
  ...{ createdAt: '2026-01-01T00:00:00.000Z', exit: null },
};
const EXIT = { offset: 5, exitCode: 0, signal: null, reason: 'exited' as const };
const encode = (text: string): Uint8Array => new TextEncoder().encode(text);
let seen: string[];
let consume: (() => void)[];
let sent: ViewerToSession[];
let frames: Frame[];

beforeEach(() => {
  vi.useFakeTimers();
  seen = [];
  consume = [];
  sent = [];
  frames = [];
});
afterEach(() => {
  vi.useRealTimers();
});

function streamAt(offset: number | null): TerminalStream {
  const stream = new TerminalStream(
    CHANNEL,
    offset,
    {
      output(bytes, consumed, end) {
        seen.push(`${new TextDecoder().decode(bytes)}@${end}`);
        consume.push(consumed);
      },
      screen(screen, consumed) {
        seen.push(
          `screen ${screen.cols}x${screen.rows} ${new TextDecoder().decode(screen.bytes)}@${screen.offset}`,
        );
        consume.push(consumed);
      },
      resized: ({ cols, rows }) => seen.push(`${cols}x${rows}`),
      exited: ({ exitCode }) => seen.push(`exit ${exitCode}`),
    },
    {
      send: (message) => sent.push(message),
      sendFrame(bytes) {
        const decoded = decodeFrame(bytes);
        if (decoded.ok) frames.push(decoded.frame);
      },
    },
  );
  stream.linked();
  return stream;
}

function output(stream: TerminalStream, offset: number, text: string): void {
  stream.frame({
    kind: FrameKind.Output,
    flags: 0,
    channel: CHANNEL,
    stream: 0,
    offset,
    payload: encode(text),
  });
}

function screen(stream: TerminalStream, offset: number, text: string): void {
  const flags = SnapshotFlag.First | SnapshotFlag.Last;
  const payload = new Uint8Array([0, 80, 0, 24, ...encode(text)]);
  stream.frame({ kind: FrameKind.Snapshot, flags, channel: CHANNEL, stream: 0, offset, payload });
}

function inputAt(stream: TerminalStream, kind: FrameKind, offset: number): void {
  stream.frame({ kind, flags: 0, channel: CHANNEL, stream: 1, offset, payload: encodeOffset(0) });
}

const typed = (): string[] =>
  frames
    .filter(({ kind }) => kind === FrameKind.Input)
    .map(({ offset, payload }) => `${new TextDecoder().decode(payload)}@${offset}`);
const acks = (): number[] =>
  frames.filter(({ kind }) => kind === FrameKind.OutputAck).map(({ offset }) => offset);
const attaches = (): unknown[] =>
  sent.filter(({ type }) => type === 'attach').map((message) => 'offset' in message && message.offset);

describe('output', () => {
  it('is handed on once and in order, whatever is sent again', () => {
    const stream = streamAt(0);
    output(stream, 0, 'abc');
    output(stream, 0, 'abc');
    output(stream, 1, 'bcde');
    expect(seen).toEqual(['abc@3', 'de@5']);
    expect(stream.offset).toBe(5);
  });

  it('with a gap is asked for again, once, and again after another loss', () => {
    const stream = streamAt(0);
    output(stream, 4, 'late');
    output(stream, 8, 'later');
    expect(attaches()).toEqual([0, 0]);
    stream.unlinked();
    stream.linked();
    output(stream, 4, 'late');
    expect(attaches()).toEqual([0, 0, 0, 0]);
    expect(seen).toEqual([]);
  });

  it('resumes where it was after a loss', () => {
    const stream = streamAt(0);
    output(stream, 0, 'abc');
    stream.unlinked();
    stream.linked();
    expect(attaches()).toEqual([0, 3]);
  });

  it('is acknowledged when consumed: at once when much, soon when little', () => {
    const stream = streamAt(0);
    output(stream, 0, 'a');
    vi.advanceTimersByTime(10 * ACK_EVERY_MS);
    expect(acks()).toEqual([]);
    consume.shift()?.();
    vi.advanceTimersByTime(ACK_EVERY_MS);
    expect(acks()).toEqual([1]);
    output(stream, 1, 'x'.repeat(ACK_EVERY_BYTES));
    consume.shift()?.();
    expect(acks()).toEqual([1, 1 + ACK_EVERY_BYTES]);
    output(stream, 1 + ACK_EVERY_BYTES, 'z');
    consume.shift()?.();
    stream.unlinked();
    vi.advanceTimersByTime(10 * ACK_EVERY_MS);
    expect(acks()).toHaveLength(2);
  });

  it('consumed after the terminal was left is acknowledged to nobody', () => {
    const stream = streamAt(0);
    output(stream, 0, 'a');
    screen(stream, 9, 'nine');
    output(stream, 9, 'b');
    stream.dispose();
    for (const consumed of consume) consumed();
    vi.advanceTimersByTime(10 * ACK_EVERY_MS);
    expect(acks()).toEqual([]);
  });

  it('before a place in it is known, waits for a screen', () => {
    const stream = streamAt(null);
    expect(attaches()).toEqual([null]);
    output(stream, 90, 'lost in the middle');
    screen(stream, 100, 'all so far');
    output(stream, 100, 'more');
    expect(seen).toEqual(['screen 80x24 all so far@100', 'more@104']);
  });

  it('that a screen stands for is neither shown after it nor acknowledged instead of it', () => {
    const stream = streamAt(0);
    output(stream, 0, 'abc');
    screen(stream, 50, 'fifty');
    screen(stream, 40, 'older');
    output(stream, 40, 'ten bytes!');
    const [first, second] = consume;
    first?.();
    vi.advanceTimersByTime(ACK_EVERY_MS);
    expect(acks()).toEqual([]);
    second?.();
    expect(acks()).toEqual([50]);
    expect(seen).toEqual(['abc@3', 'screen 80x24 fifty@50']);
  });

  it('changes its size exactly where it says', () => {
    const stream = streamAt(0);
    stream.resized(2, { cols: 100, rows: 30 });
    stream.resized(4, { cols: 40, rows: 10 });
    output(stream, 0, 'abcdef');
    stream.resized(6, { cols: 1, rows: 1 });
    expect(seen).toEqual(['ab@2', '100x30', 'cd@4', '40x10', 'ef@6', '1x1']);
  });

  it('changes its size once, however often it is told, and learns what it missed', () => {
    const stream = streamAt(0);
    stream.resized(2, { cols: 100, rows: 30 });
    output(stream, 0, 'abcd');
    stream.unlinked();
    stream.linked();
    stream.resized(2, { cols: 100, rows: 30 });
    stream.resized(4, { cols: 50, rows: 20 });
    stream.resized(6, { cols: 60, rows: 20 });
    stream.resized(4, { cols: 50, rows: 20 });
    stream.resized(6, { cols: 60, rows: 20 });
    output(stream, 4, 'efgh');
    expect(seen).toEqual(['ab@2', '100x30', 'cd@4', '50x20', 'ef@6', '60x20', 'gh@8']);
  });

  it('ends once', () => {
    const stream = streamAt(0);
    stream.exited(EXIT);
    stream.exited(EXIT);
    expect(seen).toEqual(['exit 0']);
    expect(stream.write(encode('x'))).toBe(false);
  });
});

describe('input', () => {
  it('waits for the word where it stands, and goes on from there after every loss', () => {
    const stream = streamAt(0);
    stream.write(encode('abc'));
    expect(typed()).toEqual([]);
    inputAt(stream, FrameKind.InputResume, 0);
    expect(typed()).toEqual(['abc@0']);
    stream.unlinked();
    stream.write(encode('de'));
    stream.linked();
    // Two of the three had arrived.
    inputAt(stream, FrameKind.InputResume, 2);
    expect(typed()).toEqual(['abc@0', 'cde@2']);
    inputAt(stream, FrameKind.InputAck, 5);
    expect(stream.pendingInputBytes).toBe(0);
  });

  it('is for those who may type, and what they typed before they may not is dropped', () => {
    const stream = streamAt(0);
    stream.write(encode('abc'));
    stream.setMayType(false);
    expect(stream.write(encode('x'))).toBe(false);
    stream.setMayType(true);
    inputAt(stream, FrameKind.InputResume, 0);
    expect(typed()).toEqual([]);
  });
});

describe('the window', () => {
  it('is told once attached, and again after every loss', () => {
    const stream = streamAt(0);
    stream.resize({ cols: 90, rows: 20 });
    const windows = (): number => sent.filter(({ type }) => type === 'resize').length;
    expect(windows()).toBe(0);
    stream.attached('resume', 0, INFO);
    expect(windows()).toBe(1);
    stream.unlinked();
    stream.linked();
    stream.attached('resume', 0, INFO);
    expect(windows()).toBe(2);
  });
});
