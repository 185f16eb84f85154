import type { ErrorCode } from '../../protocol/messages/errors.ts';
import type { Outcome } from './rpc.ts';

/** An answer that something was not done. */
export type Failure = Extract<Outcome<never>, { ok: false }>;

/** `detail` is shown to the caller and says what to do next. */
export function fail(code: ErrorCode, detail: string): Failure {
  return { ok: false, code, detail };
}
