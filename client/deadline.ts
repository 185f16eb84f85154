import { SessionError } from './errors.ts';

/** How long to wait for something, and what calls it off. */
export interface Wait {
  /** Milliseconds; 30 s unless told otherwise. */
  timeoutMs?: number;
  signal?: AbortSignal;
}

/** Longest wait for an answer unless told otherwise. */
export const DEFAULT_TIMEOUT_MS = 30_000;

/**
 * Settles as `promise` does, if it does in time. Otherwise rejects: with {@link SessionError} `timeout`, or with the
 * signal's reason. What the promise comes to later is nobody's concern then, except `late`'s.
 */
export function within<T>(
  promise: Promise<T>,
  what: string,
  { timeoutMs = DEFAULT_TIMEOUT_MS, signal }: Wait,
  late: (value: T) => void = () => undefined,
): Promise<T> {
  return new Promise((resolve, reject) => {
    let given = false;
    const giveUp = (reason: unknown): void => {
      given = true;
      clearTimeout(timer);
      signal?.removeEventListener('abort', abort);
      reject(reason instanceof Error ? reason : new Error(String(reason)));
    };
    const abort = (): void => giveUp(signal?.reason);
    const timer = setTimeout(() => {
      giveUp(new SessionError('timeout', `No ${what} within ${timeoutMs} ms; is the edge reachable?`));
    }, timeoutMs);
    signal?.addEventListener('abort', abort);
    if (signal?.aborted === true) abort();
    promise.then((value) => {
      if (given) return late(value);
      clearTimeout(timer);
      signal?.removeEventListener('abort', abort);
      resolve(value);
    }, giveUp);
  });
}
