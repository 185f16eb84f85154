import { type AbilityTuple, createMongoAbility, type MongoAbility, subject } from '@casl/ability';
import type { AccessPolicy, Agent } from '../../../protocol/messages/access-policy.ts';
import { inHours } from './hours.ts';
import { inNetworks } from './network.ts';
import { type RiskSignals, riskScore } from './risk.ts';

/** What is known of a request besides who makes it. */
export interface Circumstances {
  /** The caller's address; absent: unknown, which is in no network. */
  address?: string;
  nowMs: number;
  /** What acts; absent: unknown, which is none of those that a policy names. */
  agent?: Agent;
  /** When the person last proved who they are; absent: longer ago than any policy allows. */
  authenticatedAtMs?: number;
  risk: RiskSignals;
}

type ConditionsAbility = MongoAbility<AbilityTuple<'ask' | 'ask-sensitive', 'Request' | object>>;

/** One per policy: a policy is an object that is replaced, never changed. */
const abilities = new WeakMap<AccessPolicy, ConditionsAbility>();

/** Why a workspace's policy refuses a request; null when it does not. `sensitive`: a fresh sign-in may be asked for. */
export function refusedBy(policy: AccessPolicy, sensitive: boolean, about: Circumstances): string | null {
  if (isOpen(policy)) return null;
  const request = subject('Request', {
    inNetwork: policy.networks === null || inNetworks(about.address, policy.networks),
    inHours: policy.hours === null || inHours(about.nowMs, policy.hours),
    byAgent: policy.agents === null || (about.agent !== undefined && policy.agents.includes(about.agent)),
    ageMs: about.authenticatedAtMs === undefined ? Infinity : about.nowMs - about.authenticatedAtMs,
    risk: riskScore(about.risk),
  });
  const action = sensitive ? 'ask-sensitive' : 'ask';
  const rule = abilityOf(policy).relevantRuleFor(action, request);
  return rule === null || !rule.inverted ? null : (rule.reason ?? 'The workspace does not allow this.');
}

function isOpen({ networks, hours, agents, maxSensitiveAgeMs, maxRisk }: AccessPolicy): boolean {
  return [networks, hours, agents, maxSensitiveAgeMs, maxRisk].every((condition) => condition === null);
}

function abilityOf(policy: AccessPolicy): ConditionsAbility {
  const known = abilities.get(policy);
  if (known !== undefined) return known;
  const made = createMongoAbility<ConditionsAbility>([
    { action: ['ask', 'ask-sensitive'], subject: 'Request' },
    ...(policy.maxSensitiveAgeMs === null
      ? []
      : [refuse({ ageMs: { $gt: policy.maxSensitiveAgeMs } }, REASONS.age, ['ask-sensitive'])]),
    ...(policy.maxRisk === null ? [] : [refuse({ risk: { $gt: policy.maxRisk } }, REASONS.risk)]),
    refuse({ inHours: false }, REASONS.hours),
    refuse({ byAgent: false }, REASONS.agent),
    refuse({ inNetwork: false }, REASONS.network),
  ]);
  abilities.set(policy, made);
  return made;
}

/** What a refusal says: to members of the workspace only. */
export const REASONS = {
  network: 'The workspace does not allow requests from this network.',
  hours: 'The workspace does not allow requests at this hour.',
  agent: 'The workspace does not allow this kind of client; use another, such as a browser, or ask an admin.',
  risk: 'This request is too unusual for the workspace; sign in again from where you are.',
  age: 'Your sign-in is too old for this; sign in again.',
} as const;

function refuse(
  conditions: Record<string, unknown>,
  reason: string,
  action: ('ask' | 'ask-sensitive')[] = ['ask', 'ask-sensitive'],
) {
  return { action, subject: 'Request' as const, conditions, reason, inverted: true };
}
