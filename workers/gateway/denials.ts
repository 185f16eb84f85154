import { matchedRoutes } from 'hono/route';
import { draftOf } from '../shared/audit/draft.ts';
import { createLogger } from '../shared/log.ts';
import type { Refusal } from '../shared/policy/decide.ts';
import { DENIALS_WINDOW_MS } from '../shared/policy/risk.ts';
import type { Credential } from '../shared/rpc.ts';
import { type GatewayContext, identityOf } from './context.ts';

const log = createLogger('gateway');

/** Credentials remembered; the one remembered longest goes first. */
const MAX_CREDENTIALS = 10_000;
/** Denials remembered of each: more do not raise the risk. */
const MAX_DENIALS = 16;

/** When each credential was refused lately, in this isolate. */
const refusals = new Map<string, number[]>();

/** How often a credential was refused lately. */
export function recentDenials(credential: Credential | undefined): number {
  const times = credential === undefined ? undefined : refusals.get(keyOf(credential));
  if (times === undefined) return 0;
  const sinceMs = Date.now() - DENIALS_WINDOW_MS;
  return times.filter((atMs) => atMs > sinceMs).length;
}

/**
 * Notes in the audit log of a workspace that the caller was refused. The log comes before the answer; a log that cannot
 * be reached does not turn a refusal into anything else.
 */
export async function recordDenial(c: GatewayContext, refusal: Refusal, workspaceId: string): Promise<void> {
  const who = identityOf(c);
  if (who.credential !== undefined) remember(keyOf(who.credential));
  const route = matchedRoutes(c).findLast(({ method }) => method !== 'ALL');
  const entry = draftOf(who, {
    ...{ action: 'access.denied', outcome: 'denied', reason: refusal.reason, workspaceId },
    target: { kind: 'route', id: `${c.req.method} ${route?.path ?? ''}` },
    detail: { code: refusal.code },
  });
  const workspace = c.env.WORKSPACES.get(c.env.WORKSPACES.idFromName(workspaceId));
  try {
    await workspace.auditDenied(entry);
  } catch (error) {
    log('error', 'denial not in the audit log', { requestId: c.get('requestId'), error: String(error) });
  }
}

function remember(key: string): void {
  const times = refusals.get(key) ?? [];
  refusals.delete(key);
  const oldest = refusals.keys().next();
  if (refusals.size >= MAX_CREDENTIALS && oldest.done !== true) refusals.delete(oldest.value);
  refusals.set(key, [...times, Date.now()].slice(-MAX_DENIALS));
}

function keyOf({ kind, id }: Credential): string {
  return `${kind}/${id}`;
}
