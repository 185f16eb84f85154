import { sha256 } from '../shared/ids.ts';
import type { UserRpc } from '../shared/rpc.ts';
import { ProblemError } from './context.ts';

type Keys = Pick<UserRpc, 'reserveIdempotencyKey' | 'completeIdempotencyKey' | 'releaseIdempotencyKey'>;

/** A successful answer as it is stored for repetition. */
export interface StoredAnswer {
  status: number;
  body: string;
}

/**
 * Runs `act` once per idempotency key. `act` gets the id of the resource to make and whether an earlier attempt may
 * have made it already. Without a key it just runs. A failed attempt releases the key, so that it can be tried again.
 */
export async function once(
  keys: Keys,
  key: string | undefined,
  input: unknown,
  newId: string,
  act: (resourceId: string, again: boolean) => Promise<StoredAnswer>,
): Promise<StoredAnswer> {
  if (key === undefined) return act(newId, false);
  const reserved = await keys.reserveIdempotencyKey(key, await sha256(JSON.stringify(input)), newId);
  switch (reserved.state) {
    case 'done':
      return { status: reserved.status, body: reserved.body };
    case 'mismatch':
      throw new ProblemError('conflict', 'This Idempotency-Key was used with another request.', {
        status: 422,
      });
    case 'pending':
      throw new ProblemError('conflict', 'The first request with this Idempotency-Key is still at work.', {
        headers: { 'retry-after': '1' },
      });
    case 'fresh':
      break;
  }
  let answer: StoredAnswer;
  try {
    answer = await act(reserved.resourceId, reserved.resourceId !== newId);
  } catch (error) {
    // A refusal made nothing. After any other failure nobody knows: the key keeps its resource for the next attempt.
    if (error instanceof ProblemError) await keys.releaseIdempotencyKey(key);
    throw error;
  }
  await keys.completeIdempotencyKey(key, answer.status, answer.body);
  return answer;
}
