import { OUTPUT_RESUME_BYTES, OUTPUT_WINDOW_BYTES } from '../../protocol/limits.ts';
import type { TerminalSize } from '../../protocol/messages/session.ts';
import { ViewerWindow } from '../../protocol/stream/viewer-window.ts';

/** Where one viewer stands in one terminal's output, and what it asked for there. */
export interface ViewerCursor {
  channel: number;
  /** Offset of the next byte to send. */
  sent: number;
  /** Offset up to which the viewer has consumed. */
  acked: number;
  /** How much may be sent and not acknowledged. */
  readonly window: ViewerWindow;
  /** It gets no output before the screen it waits for. */
  waiting: boolean;
  /** It was told that the terminal ended. */
  exitSent: boolean;
  /** Size of its window, once it said so, and whether that can be seen. */
  size: TerminalSize | null;
  visible: boolean;
  /** When it last typed, or took the size; milliseconds since the epoch, 0: never. */
  activeAtMs: number;
  /** From when on typing is to be told to the others again. */
  tellTypingAtMs: number;
  /** Input offset the executor has confirmed; null when not known since the actor woke. */
  inputAcked: number | null;
  /** `acked` when the cursor was last saved. */
  savedAt: number;
}

/** A new cursor: at `offset`, or waiting for a screen when that is null. */
export function newCursor(channel: number, offset: number | null): ViewerCursor {
  const at = offset ?? 0;
  return {
    channel,
    sent: at,
    acked: at,
    window: new ViewerWindow(),
    waiting: offset === null,
    exitSent: false,
    size: null,
    visible: true,
    activeAtMs: 0,
    tellTypingAtMs: 0,
    inputAcked: null,
    savedAt: at,
  };
}

/** Carries the window of one cursor over to the next on the same terminal. */
export function keepWindow(cursor: ViewerCursor, before: ViewerCursor): void {
  const { size, visible, activeAtMs, tellTypingAtMs } = before;
  Object.assign(cursor, { size, visible, activeAtMs, tellTypingAtMs });
}

/**
 * One line of text for a socket's attachment, which is small (2 KiB in all), e.g. `3:sg:rs:4:28:o:mvo3k9c0`: channel,
 * sent, acked, flags, and of a window that has a size its columns, rows and when it was active, all to base 36. `sent` may
 * be older than the truth when it is read again: the viewer drops what it gets twice.
 */
export function packCursor(cursor: ViewerCursor): string {
  const { channel, sent, acked, size, activeAtMs } = cursor;
  const flags = (cursor.waiting ? 1 : 0) | (cursor.exitSent ? 2 : 0) | (cursor.visible ? 4 : 0);
  const window = size === null ? [] : [size.cols, size.rows, activeAtMs];
  return [channel, sent, acked, flags, ...window].map((n) => n.toString(36)).join(':');
}

/** Reads what {@link packCursor} wrote; null for anything else. */
export function unpackCursor(text: string): ViewerCursor | null {
  const numbers = text.split(':').map((part) => Number.parseInt(part, 36));
  const [channel, sent, acked, flags, cols, rows, activeAtMs, extra] = numbers;
  if (channel === undefined || sent === undefined || acked === undefined || flags === undefined) return null;
  if (extra !== undefined || !numbers.every(Number.isSafeInteger)) return null;
  const cursor = {
    ...newCursor(channel, sent),
    acked,
    savedAt: acked,
    waiting: (flags & 1) !== 0,
    exitSent: (flags & 2) !== 0,
    visible: (flags & 4) !== 0,
  };
  if (cols === undefined) return cursor;
  if (rows === undefined || activeAtMs === undefined) return null;
  return { ...cursor, size: { cols, rows }, activeAtMs };
}

/** Whether what begins at `offset` is the next that the viewer is to get, and its window is not full. */
export function takesAt({ waiting, sent, acked, window }: ViewerCursor, offset: number): boolean {
  return !waiting && sent === offset && offset - acked < window.bytes;
}

/** Everything before `offset` was sent to the viewer just now. */
export function moveOn(cursor: ViewerCursor, offset: number): void {
  cursor.sent = offset;
  const { window, acked } = cursor;
  if (window.wants(offset - acked)) window.start(offset, acked, Date.now());
}

/** What to acknowledge to an executor. */
export interface Credit {
  offset: number;
  /** No more is to come for this output: somebody has consumed all of it, or nobody watches. */
  final: boolean;
}

/**
 * What to acknowledge to an executor that has produced `end` bytes: what the fastest viewer consumed, or all there is
 * when nobody watches. The executor has one window; where the viewer's is some bytes larger or smaller, so much more or
 * less is acknowledged.
 */
export function creditOf(attached: Iterable<{ cursor: ViewerCursor }>, end: number): Credit {
  let fastest = -Infinity;
  let final = false;
  for (const { cursor } of attached) {
    if (cursor.waiting) continue;
    fastest = Math.max(fastest, cursor.acked + cursor.window.bytes - OUTPUT_WINDOW_BYTES);
    final ||= cursor.acked >= end;
  }
  return fastest === -Infinity ? { offset: end, final: true } : { offset: Math.min(fastest, end), final };
}

/** The viewer was sent a screen, which stands for everything before `offset`, and takes half the window until acknowledged. */
export function skipTo(cursor: ViewerCursor, offset: number): void {
  cursor.waiting = false;
  cursor.sent = offset;
  cursor.window.skipped();
  cursor.acked = Math.max(cursor.acked, offset - OUTPUT_RESUME_BYTES);
}
