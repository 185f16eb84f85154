import { CloseCode } from '../protocol/close-codes.ts';
import type { ErrorCode } from '../protocol/messages/errors.ts';
import { ApiError } from './api-transport.ts';

/** Longest an edge is believed when it asks to be left alone. */
const MAX_RETRY_AFTER_MS = 60_000;

/** What to do after a connection ended. */
export type Verdict =
  /** Try again by the backoff schedule; `slow`: not at once. */
  | { kind: 'retry'; slow: boolean }
  /** Try again when the edge said. */
  | { kind: 'later'; afterMs: number }
  /** Trying again would not help; `reason` is for a person, who has to sign in again where `mustSignIn`. */
  | { kind: 'end'; reason: string; mustSignIn?: true };

/** The last error that the edge sent of the connection itself. */
export interface Said {
  code: ErrorCode;
  detail: string;
}

const ENDS: Readonly<Record<number, string>> = {
  [CloseCode.ProtocolError]: 'The edge did not understand this client; it may be too old.',
  [CloseCode.Forbidden]: 'You may not use this session.',
  [CloseCode.NotFound]: 'This session does not exist.',
  [CloseCode.Gone]: 'This session was deleted or has expired.',
  [CloseCode.Replaced]: 'This client connected again elsewhere.',
};

/** Errors that say why somebody may not be here. */
const REFUSALS: ReadonlySet<ErrorCode> = new Set(['forbidden', 'reauthentication-required']);
const SLOW: ReadonlySet<number> = new Set([
  ...[CloseCode.RateLimited, CloseCode.LimitExceeded, CloseCode.Unavailable],
]);

/** Decides by the close code of a socket and what it was told before. */
export function afterClose(code: number, said: Said | null = null): Verdict {
  const isExplained = code === CloseCode.Forbidden && said !== null && REFUSALS.has(said.code);
  const reason = isExplained ? said.detail : ENDS[code];
  if (reason !== undefined) return { kind: 'end', reason };
  return { kind: 'retry', slow: SLOW.has(code) };
}

/** Decides by what the ticket request threw, and what the socket before was told. */
export function afterTicketFailure(error: unknown, said: Said | null = null): Verdict {
  if (!(error instanceof ApiError)) return { kind: 'retry', slow: false };
  if (error.status === 401) {
    const reason = said?.code === 'unauthenticated' ? said.detail : error.message;
    return { kind: 'end', reason, mustSignIn: true };
  }
  if ([400, 403, 404, 410].includes(error.status)) return { kind: 'end', reason: error.message };
  if (error.retryAfterMs <= 0) return { kind: 'retry', slow: true };
  return { kind: 'later', afterMs: Math.min(error.retryAfterMs, MAX_RETRY_AFTER_MS) };
}
