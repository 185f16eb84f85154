import type { ErrorCode } from '../protocol/messages/errors.ts';

/**
 * Something the session refused, or that came to nothing. `message` says what to do next. `code`: one of the protocol's,
 * or `ended` (the connection has ended for good), `timeout` (no answer in time).
 */
export class SessionError extends Error {
  readonly code: ErrorCode | 'ended' | 'timeout';
  /** The terminal it is about, if one. */
  readonly channel: number | null;

  constructor(code: SessionError['code'], message: string, channel: number | null = null) {
    super(message);
    this.name = 'SessionError';
    this.code = code;
    this.channel = channel;
  }
}
