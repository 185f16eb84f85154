import headless from '@xterm/headless';
import { beforeEach, describe, expect, it } from 'vitest';
import type { ViewerToSession } from '../../protocol/messages/viewer.ts';
import {
  decodeFrame,
  encodeOffset,
  type Frame,
  FrameKind,
  SnapshotFlag,
} from '../../protocol/stream/frame.ts';
import { TerminalStream } from '../terminal-stream.ts';
import { StreamAddon, type StreamAddonOptions } from './stream-addon.ts';

const CHANNEL = 1;
const INFO = {
  ...{ channel: CHANNEL, title: 't', cols: 80, rows: 24, state: 'running' as const },
  ...{ createdAt: '2026-01-01T00:00:00.000Z', exit: null },
};
const text = new TextDecoder();
let terminal: headless.Terminal;
let stream: TerminalStream;
let sentFrames: Frame[];
let sent: ViewerToSession[];

function start(options: StreamAddonOptions = {}): StreamAddon {
  terminal = new headless.Terminal({ cols: 80, rows: 24, allowProposedApi: true });
  const addon = new StreamAddon(options);
  terminal.loadAddon(addon);
  sentFrames = [];
  sent = [];
  stream = new TerminalStream(CHANNEL, 0, addon.sink, {
    send: (message) => sent.push(message),
    sendFrame: (bytes) => sentFrames.push(frameOf(bytes)),
  });
  addon.bind(stream);
  stream.linked();
  stream.attached('resume', 0, INFO);
  stream.frame({
    kind: FrameKind.InputResume,
    flags: 0,
    channel: CHANNEL,
    stream: 1,
    offset: 0,
    payload: encodeOffset(0),
  });
  return addon;
}

function frameOf(bytes: Uint8Array): Frame {
  const decoded = decodeFrame(bytes);
  if (!decoded.ok) throw new Error(decoded.error);
  return decoded.frame;
}

function output(offset: number, bytes: string): void {
  const payload = new TextEncoder().encode(bytes);
  stream.frame({ kind: FrameKind.Output, flags: 0, channel: CHANNEL, stream: 0, offset, payload });
}

/** Waits until the terminal has parsed what was written so far. */
function parsed(): Promise<void> {
  return new Promise((resolve) => terminal.write('', resolve));
}

const line = (y: number): string => terminal.buffer.active.getLine(y)?.translateToString(true) ?? '';
const typed = (): Uint8Array[] =>
  sentFrames.filter(({ kind }) => kind === FrameKind.Input).map(({ payload }) => payload);

describe('the xterm.js add-on', () => {
  beforeEach(() => void start());

  it('shows output and acknowledges it once it was parsed', async () => {
    output(0, 'hello');
    expect(sentFrames.some(({ kind }) => kind === FrameKind.OutputAck)).toBe(false);
    await parsed();
    expect(line(0)).toBe('hello');
    await expect.poll(() => sentFrames.at(-1)).toMatchObject({ kind: FrameKind.OutputAck, offset: 5 });
  });

  it('types text as UTF-8 and binary as bytes', () => {
    terminal.input('é', true);
    // What a mouse in the old encoding makes xterm.js report; without a window nothing else does.
    const core = (
      terminal as unknown as { _core: { coreService: { triggerBinaryEvent(text: string): void } } }
    )._core;
    core.coreService.triggerBinaryEvent('\x1b[M\xe9');
    expect(typed().map((bytes) => [...bytes])).toEqual([
      [0xc3, 0xa9],
      [0x1b, 0x5b, 0x4d, 0xe9],
    ]);
  });

  it('replaces everything by a screen of its size', async () => {
    output(0, 'old');
    const payload = new Uint8Array([0, 40, 0, 10, ...new TextEncoder().encode('new')]);
    const flags = SnapshotFlag.First | SnapshotFlag.Last;
    stream.frame({ kind: FrameKind.Snapshot, flags, channel: CHANNEL, stream: 0, offset: 9, payload });
    await parsed();
    expect([line(0), terminal.cols, terminal.rows]).toEqual(['new', 40, 10]);
    expect(sentFrames.at(-1)).toMatchObject({ kind: FrameKind.OutputAck, offset: 9 });
  });

  it('changes the size between the bytes it belongs to, and does not ask for what it was told', async () => {
    stream.resized(5, { cols: 10, rows: 24 });
    output(0, '0123456789abcdefghijk');
    await parsed();
    expect([line(0), line(1), line(2)]).toEqual(['0123456789', 'abcdefghij', 'k']);
    expect(sent.filter(({ type }) => type === 'resize')).toEqual([]);
  });

  it('asks for the size a person gives the terminal', () => {
    terminal.resize(100, 30);
    expect(sent.at(-1)).toMatchObject({ type: 'resize', channel: CHANNEL, size: { cols: 100, rows: 30 } });
  });
});

describe('its options', () => {
  it('change what is typed, tell of the end after the last line, and of what was refused', async () => {
    const refused: number[] = [];
    const seen: string[] = [];
    start({
      transform: (keys) => keys.toUpperCase(),
      refused: (bytes) => refused.push(bytes.length),
      exited: ({ exitCode }) => seen.push(`${line(0)} ${exitCode}`),
    });
    terminal.input('ls', true);
    expect(typed().map((bytes) => text.decode(bytes))).toEqual(['LS']);
    terminal.input('x'.repeat(9 * 1024 * 1024), true);
    expect(refused).toEqual([9 * 1024 * 1024]);
    output(0, 'bye');
    stream.exited({ offset: 3, exitCode: 4, signal: null, reason: 'exited' });
    await parsed();
    expect(seen).toEqual(['bye 4']);
    terminal.input('after', true);
    expect(typed()).toHaveLength(1);
  });
});
