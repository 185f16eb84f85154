import type { Env } from '../shared/env.ts';
import { createLogger } from '../shared/log.ts';

const log = createLogger('gateway');

/**
 * The platform counts callers over all isolates of a place, where each isolate by itself sees only some of their requests.
 * It is asked about one request in so many, drawn at random, and not waited for: coarse, at a fraction of the cost. The
 * limits of the bindings are for what is asked, so they stand for so many times more, and are twice what an isolate
 * allows, so that chance turns nobody away.
 */
export const SAMPLE_ONE_IN = 50;
/** Whom the platform finds too busy this isolate turns away for so long. */
const REFUSED_MS = 1_000;
/** Callers turned away at once; more are let through. */
const MAX_REFUSED = 10_000;

/** Whose requests are counted, and the binding that counts them. */
const BINDINGS = {
  user: 'RATE_USER',
  key: 'RATE_KEY',
  workspace: 'RATE_WORKSPACE',
  address: 'RATE_ADDRESS',
} as const;
export type CallerKind = keyof typeof BINDINGS;

const refusedUntilMs = new Map<string, number>();
let saidAbsent = false;

/** Whether a caller is turned away for now, as the platform said of one of their last requests. */
export function isTooBusy(kind: CallerKind, id: string, nowMs: number): boolean {
  const untilMs = refusedUntilMs.get(`${kind}:${id}`);
  if (untilMs === undefined) return false;
  if (untilMs > nowMs && untilMs <= nowMs + REFUSED_MS) return true;
  refusedUntilMs.delete(`${kind}:${id}`);
  return false;
}

/** Counts a request, if it is drawn. Without the binding nothing is counted; it is said once. */
export function countRequest(
  env: Env,
  ctx: Pick<ExecutionContext, 'waitUntil'>,
  kind: CallerKind,
  id: string,
): void {
  if (Math.random() * SAMPLE_ONE_IN >= 1) return;
  const binding = env[BINDINGS[kind]];
  if (binding === undefined) {
    if (!saidAbsent) log('warn', 'no rate limit binding', { binding: BINDINGS[kind] });
    saidAbsent = true;
    return;
  }
  ctx.waitUntil(ask(binding, `${kind}:${id}`));
}

async function ask(binding: RateLimit, key: string): Promise<void> {
  try {
    const { success } = await binding.limit({ key });
    if (!success && refusedUntilMs.size < MAX_REFUSED) refusedUntilMs.set(key, Date.now() + REFUSED_MS);
  } catch (error) {
    log('warn', 'rate limit not asked', { error: String(error) });
  }
}
