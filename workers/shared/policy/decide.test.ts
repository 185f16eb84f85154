import { describe, expect, it } from 'vitest';
import type { Agent } from '../../../protocol/messages/access-policy.ts';
import { OPEN_POLICY } from './access-policy.ts';
import { decide, type Principal } from './decide.ts';
import type { AccessRule } from './rules.ts';

const about = { nowMs: 0, risk: { newNetwork: false, recentDenials: 0 } };
const person: Principal = { operator: false, scopes: null };
const standing = (role: 'owner' | 'admin' | 'member' | 'viewer' | null) => ({ role, policy: OPEN_POLICY });
const rule = (more: Partial<AccessRule>): AccessRule => ({
  ...{ action: 'create', resource: 'Session', scope: 'sessions:write', where: 'current', sensitive: false },
  ...more,
});

describe('a decision', () => {
  it('follows the role', () => {
    const allowed = (['owner', 'admin', 'member', 'viewer'] as const).map(
      (role) => decide(rule({}), person, standing(role), about).allowed,
    );
    expect(allowed).toEqual([true, true, true, false]);
  });

  it('tells a stranger no more than that there is nothing', () => {
    expect(decide(rule({}), person, standing(null), about)).toMatchObject({ code: 'not-found' });
  });

  it('takes a key for what both its scopes and its owner allow', () => {
    const key = (...scopes: string[]): Principal => ({ operator: true, scopes });
    expect(decide(rule({}), key('sessions:write'), standing('owner'), about).allowed).toBe(true);
    expect(decide(rule({}), key('sessions:read'), standing('owner'), about)).toMatchObject({
      code: 'forbidden',
      reason: 'This API key lacks the scope sessions:write.',
    });
    expect(decide(rule({}), key('sessions:write'), standing('viewer'), about).allowed).toBe(false);
    expect(decide(rule({ scope: null }), key('sessions:write'), standing('owner'), about).allowed).toBe(
      false,
    );
    const metrics = rule({ action: 'read', resource: 'Metrics', scope: 'operator', where: 'nowhere' });
    expect(decide(metrics, key('operator'), null, about).allowed).toBe(true);
    expect(decide(metrics, key('sessions:read'), null, about).allowed).toBe(false);
    expect(decide(metrics, { operator: false, scopes: ['operator'] }, null, about).allowed).toBe(false);
  });

  it('gives operators nothing in a workspace', () => {
    const read = rule({ action: 'read', resource: 'Audit', scope: 'audit:read' });
    expect(decide(read, { operator: true, scopes: null }, standing('member'), about).allowed).toBe(false);
  });

  it('lets only those agents act that the workspace names; one that is unknown is none of them', () => {
    const onlyPeople = { role: 'owner' as const, policy: { ...OPEN_POLICY, agents: ['browser' as const] } };
    const by = (agent?: Agent) =>
      decide(rule({}), person, onlyPeople, { ...about, ...(agent === undefined ? {} : { agent }) });
    expect(by('browser')).toEqual({ allowed: true });
    for (const agent of ['program', 'api-key', 'guest', undefined] as const)
      expect(by(agent)).toMatchObject({ code: 'forbidden', reason: expect.stringMatching(/kind of client/) });
  });

  it('asks for a new sign-in where the old one is the trouble, after the role', () => {
    const strict = { role: 'admin' as const, policy: { ...OPEN_POLICY, maxSensitiveAgeMs: 60_000 } };
    const invite = rule({ resource: 'Invitation', sensitive: true });
    const late = { ...about, nowMs: 120_000, authenticatedAtMs: 0 };
    expect(decide(invite, person, strict, late)).toMatchObject({ code: 'reauthentication-required' });
    expect(decide(invite, person, { ...strict, role: 'member' }, late)).toMatchObject({ code: 'forbidden' });
  });
});
