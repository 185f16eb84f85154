import { matchedRoutes } from 'hono/route';
import { DEPLOYMENT_STREAM } from '../../protocol/audit/entry.ts';
import type { ErrorCode } from '../../protocol/messages/errors.ts';
import { TokenBucket } from '../shared/token-bucket.ts';
import { type ActingParty, draftOf } from '../shared/audit/draft.ts';
import { createLogger } from '../shared/log.ts';
import type { Refusal } from '../shared/policy/decide.ts';
import { rememberDenial } from '../shared/policy/recent-denials.ts';
import { workspaceActor } from './actors.ts';
import { type GatewayContext, identityOf } from './context.ts';

const log = createLogger('gateway');

/** Refusals of strangers that this isolate tells of at once, and per second; others are told of as a number. */
const STRANGERS_BURST = 50;
const STRANGERS_PER_S = 5;

const strangers = new TokenBucket(STRANGERS_PER_S, STRANGERS_BURST, 0);
/** Not told of yet: by the next one that is. */
let unsaidStrangers = 0;

/** Notes in the audit log of a workspace that the policy refused the caller something. */
export async function recordDenial(c: GatewayContext, refusal: Refusal, workspaceId: string): Promise<void> {
  const who = identityOf(c);
  if (who.credential !== undefined) rememberDenial(who.credential);
  await note(c, { ...who, workspaceId }, refusal.reason, refusal.code);
}

/** Notes that an actor refused the caller something. Who is not in a workspace does not write into its log. */
export async function recordRefusal(c: GatewayContext, code: ErrorCode): Promise<void> {
  const who = identityOf(c);
  const workspaceId = who.workspaceRole === undefined ? who.userId : who.workspaceId;
  await note(c, { ...who, workspaceId }, code, code);
}

/** Notes, in the log of the deployment, that somebody unknown tried to be let in. */
export async function recordStranger(c: GatewayContext, code: ErrorCode): Promise<void> {
  if (!strangers.take(Date.now())) {
    unsaidStrangers += 1;
    return;
  }
  const others = unsaidStrangers;
  unsaidStrangers = 0;
  const address = c.get('address');
  const known = { requestId: c.get('requestId'), ...(address === undefined ? {} : { address }) };
  const stranger = { userId: '', workspaceId: DEPLOYMENT_STREAM, ...known };
  await note(c, stranger, code, code);
  if (others > 0) await note(c, { userId: '', workspaceId: DEPLOYMENT_STREAM }, 'others', code, others);
}

/** The log comes before the answer; a log that cannot be reached does not turn a refusal into anything else. */
async function note(
  c: GatewayContext,
  who: ActingParty,
  reason: string,
  code: ErrorCode,
  count = 1,
): Promise<void> {
  c.set('denialRecorded', true);
  const route = matchedRoutes(c).findLast(({ method }) => method !== 'ALL');
  const draft = draftOf(who, {
    ...{ action: 'access.denied', outcome: 'denied', reason },
    target: { kind: 'route', id: `${c.req.method} ${route?.path ?? ''}` },
    detail: { code },
  });
  const actor = who.userId === '' ? { ...draft.actor, userId: null } : draft.actor;
  try {
    await workspaceActor(c.env, who.workspaceId).auditDenied({ ...draft, actor }, count);
  } catch (error) {
    log('error', 'denial not in the audit log', { requestId: c.get('requestId'), error: String(error) });
  }
}
