import type { TerminalSize } from '../../protocol/messages/session.ts';

/** Where one viewer stands in one terminal's output, and what it asked for there. */
export interface ViewerCursor {
  channel: number;
  /** Offset of the next byte to send. */
  sent: number;
  /** Offset up to which the viewer has consumed. */
  acked: number;
  /** It gets no output before the screen it waits for. */
  waiting: boolean;
  /** It was told that the terminal ended. */
  exitSent: boolean;
  /** Size of its window, once it said so. */
  size: TerminalSize | null;
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
    waiting: offset === null,
    exitSent: false,
    size: null,
    inputAcked: null,
    savedAt: at,
  };
}

/**
 * One line of text for a socket's attachment, which is small (2 KiB in all), e.g. `3:1024:1000:0`: channel, sent,
 * acked, flags. `sent` may be older than the truth when it is read again: the viewer drops what it gets twice.
 */
export function packCursor(cursor: ViewerCursor): string {
  const flags = (cursor.waiting ? 1 : 0) | (cursor.exitSent ? 2 : 0);
  return [cursor.channel, cursor.sent, cursor.acked, flags].map((n) => n.toString(36)).join(':');
}

/** Reads what {@link packCursor} wrote; null for anything else. */
export function unpackCursor(text: string): ViewerCursor | null {
  const [channel, sent, acked, flags, extra] = text.split(':').map((part) => Number.parseInt(part, 36));
  if (channel === undefined || sent === undefined || acked === undefined || flags === undefined) return null;
  if (extra !== undefined || ![channel, sent, acked, flags].every(Number.isSafeInteger)) return null;
  return {
    ...newCursor(channel, sent),
    acked,
    savedAt: acked,
    waiting: (flags & 1) !== 0,
    exitSent: (flags & 2) !== 0,
  };
}
