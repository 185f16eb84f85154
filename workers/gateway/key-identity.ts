import { TokenBucket } from '../shared/token-bucket.ts';
import { parseApiKey } from '../shared/api-key.ts';
import { networkOf } from '../shared/policy/network.ts';
import type { Identity } from '../shared/rpc.ts';
import { known } from '../shared/standing.ts';
import { keyActor } from './actors.ts';
import { countedAddress } from './client-address.ts';
import { type GatewayContext, ProblemError } from './context.ts';

/** Keys that are no good, from one address: so many at once, then so many per second. */
const FAILURE_BURST = 10;
const FAILURES_PER_S = 0.1;
/** Addresses remembered; the one remembered longest starts anew. */
const MAX_ADDRESSES = 10_000;

const failures = new Map<string, TokenBucket>();

/**
 * Whom an API key stands for; null: it is no good. Who tries too many that are no good is not answered for a while.
 * Throws a 429 then.
 */
export async function identityByKey(c: GatewayContext, text: string): Promise<Identity | null> {
  const parsed = parseApiKey(text);
  const address = countedAddress(c.get('address'));
  if (parsed === null) {
    tryFrom(address);
    return null;
  }
  const network = networkOf(c.get('address'));
  // What is known here, or being asked for, is no further try.
  const grant = await known.keys.get(`${parsed.id}\n${parsed.hash}\n${network ?? ''}`, async () => {
    tryFrom(address);
    const found = await keyActor(c.env, parsed.id).verify(parsed.hash, network);
    if (found !== null) failures.get(address)?.giveBack();
    return found;
  });
  if (grant === null || (grant.expiresAtMs ?? Infinity) <= Date.now()) return null;
  const { userId, displayName, workspaceId, scopes, operator, newNetwork } = grant;
  return {
    ...{ userId, displayName, workspaceId, scopes, operator, newNetwork },
    credential: { kind: 'api-key', id: parsed.id },
  };
}

/** Takes one try, which is given back when the key turns out to be good. Throws a 429 when there is none. */
function tryFrom(address: string): void {
  const nowMs = Date.now();
  let bucket = failures.get(address);
  if (bucket === undefined) {
    bucket = new TokenBucket(FAILURES_PER_S, FAILURE_BURST, nowMs);
    const oldest = failures.keys().next();
    if (failures.size >= MAX_ADDRESSES && oldest.done !== true) failures.delete(oldest.value);
    failures.set(address, bucket);
  }
  if (bucket.take(nowMs)) return;
  throw new ProblemError('rate-limited', 'Too many keys that are no good; wait a while.', {
    headers: { 'retry-after': String(1 / FAILURES_PER_S) },
  });
}
