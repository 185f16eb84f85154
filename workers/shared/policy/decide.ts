import type { ErrorCode } from '../../../protocol/messages/errors.ts';
import { type Circumstances, refusedBy, REASONS } from './conditions.ts';
import { abilityOf } from './roles.ts';
import type { AccessRule } from './rules.ts';
import type { WorkspaceStanding } from './standing.ts';

/** Who asks, as far as rules are concerned. */
export interface Principal {
  operator: boolean;
  /** What an API key is limited to; null: nothing but its owner's rights. */
  scopes: readonly string[] | null;
}

/** `reason`: for the caller; says nothing a stranger may not know. */
export interface Refusal {
  allowed: false;
  code: ErrorCode;
  reason: string;
}
export type Decision = { allowed: true } | Refusal;

const ALLOWED: Decision = { allowed: true };
/** The same words for a workspace that is not there and one that is none of the caller's business. */
export const NO_SUCH_WORKSPACE = 'There is no such workspace; GET /api/v1/workspaces lists yours.';

/**
 * Decides one request: the caller's key is good for it, the caller's role allows it, and the workspace has nothing
 * against the circumstances. All three must agree, so a key is never good for more than its owner, and nobody for more
 * than the workspace allows. `standing` null: the request is about no workspace.
 */
export function decide(
  rule: AccessRule,
  who: Principal,
  standing: WorkspaceStanding | null,
  about: Circumstances,
): Decision {
  if (who.scopes !== null) {
    if (rule.scope === null) return refuse('An API key cannot do this; sign in.');
    if (!who.scopes.includes(rule.scope)) return refuse(`This API key lacks the scope ${rule.scope}.`);
  }
  const role = standing?.role ?? null;
  if (standing !== null && role === null)
    return { allowed: false, code: 'not-found', reason: NO_SUCH_WORKSPACE };
  if (!abilityOf(role, who.operator).can(rule.action, rule.resource)) {
    return refuse(
      rule.resource === 'Host' || rule.resource === 'Metrics'
        ? 'This is for operators of the deployment.'
        : `Not as ${role ?? 'a stranger'} of this workspace; ask an owner or admin of it.`,
    );
  }
  const against = standing === null ? null : refusedBy(standing.policy, rule.sensitive, about);
  return against === null ? ALLOWED : refusal(against);
}

/** A workspace's policy is against a request, for this reason. */
export function refusal(reason: string): Refusal {
  const again = reason === REASONS.age || reason === REASONS.risk;
  return { allowed: false, code: again ? 'reauthentication-required' : 'forbidden', reason };
}

function refuse(reason: string): Refusal {
  return { allowed: false, code: 'forbidden', reason };
}
