import { AccessPolicy, Agent, type TimeWindow } from '../../protocol/messages/access-policy.ts';

/** An access policy as the form holds it. */
export interface PolicyForm {
  /** One block a line; empty: everywhere. */
  networks: string;
  limitHours: boolean;
  timeZone: string;
  windows: TimeWindow[];
  agents: Agent[];
  /** Milliseconds as text; empty: any age. */
  sensitiveAge: string;
  /** 0 to 100 as text; empty: any. */
  risk: string;
  outsideSharing: boolean;
  shareLinks: boolean;
}

const WORKING_HOURS: TimeWindow = { days: [1, 2, 3, 4, 5], from: '08:00', to: '18:00' };

/** The form of a policy. `timeZone`: what is offered where the policy names none. */
export function formOf(policy: AccessPolicy, timeZone: string): PolicyForm {
  const { networks, hours, agents, maxSensitiveAgeMs, maxRisk, outsideSharing, shareLinks } = policy;
  return {
    networks: networks?.join('\n') ?? '',
    limitHours: hours !== null,
    timeZone: hours?.timeZone ?? timeZone,
    windows: hours?.windows ?? [WORKING_HOURS],
    agents: agents ?? Agent.options,
    sensitiveAge: maxSensitiveAgeMs === null ? '' : String(maxSensitiveAgeMs),
    risk: maxRisk === null ? '' : String(maxRisk),
    outsideSharing,
    shareLinks,
  };
}

/** The policy of a form, or what is wrong, by the part of the form it belongs to. */
export function policyOf(
  form: PolicyForm,
): { ok: true; policy: AccessPolicy } | { ok: false; part: string; problem: string } {
  const networks = form.networks.split(/[\s,]+/).filter((block) => block !== '');
  const parsed = AccessPolicy.safeParse({
    networks: networks.length === 0 ? null : networks,
    hours: form.limitHours ? { timeZone: form.timeZone.trim(), windows: form.windows } : null,
    agents: Agent.options.every((agent) => form.agents.includes(agent)) ? null : form.agents,
    maxSensitiveAgeMs: form.sensitiveAge === '' ? null : Number(form.sensitiveAge),
    maxRisk: form.risk === '' ? null : Number(form.risk),
    outsideSharing: form.outsideSharing,
    shareLinks: form.shareLinks,
  });
  if (parsed.success) return { ok: true, policy: parsed.data };
  const path = parsed.error.issues[0]?.path ?? [];
  const [part = ''] = path;
  if (part === 'networks') {
    const block = networks[Number(path[1])] ?? '';
    return { ok: false, part: 'networks', problem: `“${block}” is not a network such as 203.0.113.0/24.` };
  }
  if (part === 'agents') return { ok: false, part, problem: 'Let at least one of them act.' };
  if (path[1] === 'timeZone')
    return { ok: false, part: 'timeZone', problem: 'Enter a time zone such as Europe/Berlin.' };
  return {
    ok: false,
    part: 'windows',
    problem: 'Every window needs at least one day, a beginning and an end.',
  };
}
