import { errors } from 'jose';
import { ClientError, ResponseBodyError } from 'openid-client';

/** What the libraries say of an issuer that did not answer in time. */
const TIMED_OUT: ReadonlySet<string> = new Set(['OAUTH_TIMEOUT', 'OAUTH_ABORT']);

/** An issuer's keys could not be read. */
export class KeysUnreachableError extends Error {
  constructor(cause: unknown) {
    super(`The issuer's keys could not be read: ${String(cause)}`, { cause });
    this.name = 'KeysUnreachableError';
  }
}

/** Whether a failure to find a key is the token's own, which names none that the issuer has. */
export function isKeyUnknown(error: unknown): boolean {
  return (
    error instanceof errors.JWKSNoMatchingKey ||
    error instanceof errors.JWKSMultipleMatchingKeys ||
    error instanceof errors.JOSENotSupported
  );
}

/**
 * Whether a sign-in came to nothing because the issuer did not answer, or answered that it cannot now, so that trying
 * again later may help. Not: because of what it answered.
 */
export function isUnreachable(error: unknown): boolean {
  if (error instanceof KeysUnreachableError) return true;
  if (error instanceof ResponseBodyError) return error.status >= 500;
  if (!(error instanceof ClientError)) return false;
  // Whatever is not about an answer has no code: there was none.
  if (error.code === undefined || TIMED_OUT.has(error.code)) return true;
  return error.cause instanceof Response && error.cause.status >= 500;
}
