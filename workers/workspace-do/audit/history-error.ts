import { fail, type Failure } from '../../shared/outcome.ts';

/** Rows that have left the actor cannot be had. Never is less told in their place. */
export class HistoryError extends Error {
  /** `oldest`: the oldest row that is still here; `why`: what is the matter with the directory, and what to do. */
  constructor(oldest: number, why: string) {
    super(`Rows before ${oldest} are only in the directory in Postgres: ${why}.`);
    this.name = 'HistoryError';
  }
}

/** What `promise` comes to; that old rows cannot be had is an answer. Rejects with whatever else goes wrong. */
export function orFailure<T>(promise: Promise<T>): Promise<T | Failure> {
  return promise.catch((error: unknown) => {
    if (error instanceof HistoryError) return fail('unavailable', error.message);
    throw error;
  });
}
