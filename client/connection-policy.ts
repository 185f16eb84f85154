import { CloseCode } from '../protocol/close-codes.ts';
import { ApiError } from './api-transport.ts';

/** Longest an edge is believed when it asks to be left alone. */
const MAX_RETRY_AFTER_MS = 60_000;

/** What to do after a connection ended. */
export type Verdict =
  /** Try again by the backoff schedule; `slow`: not at once. */
  | { kind: 'retry'; slow: boolean }
  /** Try again when the edge said. */
  | { kind: 'later'; afterMs: number }
  /** Trying again would not help; `reason` is for a person. */
  | { kind: 'end'; reason: string };

const ENDS: Readonly<Record<number, string>> = {
  [CloseCode.ProtocolError]: 'The edge did not understand this client; it may be too old.',
  [CloseCode.Forbidden]: 'You may not use this session.',
  [CloseCode.NotFound]: 'This session does not exist.',
  [CloseCode.Gone]: 'This session was deleted or has expired.',
  [CloseCode.Replaced]: 'This client connected again elsewhere.',
};

/** Decides by the close code of a socket. */
export function afterClose(code: number): Verdict {
  const reason = ENDS[code];
  if (reason !== undefined) return { kind: 'end', reason };
  return { kind: 'retry', slow: code === CloseCode.RateLimited || code === CloseCode.LimitExceeded };
}

/** Decides by what the ticket request threw. */
export function afterTicketFailure(error: unknown): Verdict {
  if (!(error instanceof ApiError)) return { kind: 'retry', slow: false };
  if ([401, 403, 404, 410].includes(error.status)) return { kind: 'end', reason: error.message };
  if (error.retryAfterMs <= 0) return { kind: 'retry', slow: true };
  return { kind: 'later', afterMs: Math.min(error.retryAfterMs, MAX_RETRY_AFTER_MS) };
}
