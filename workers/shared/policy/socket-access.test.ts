import { describe, expect, it } from 'vitest';
import type { Identity } from '../rpc.ts';
import { OPEN_POLICY } from './access-policy.ts';
import { NEW_NETWORK_MS } from './risk.ts';
import { accessOf, decideSocket, type SocketAccess, type SocketFacts } from './socket-access.ts';

const NOON = Date.parse('2026-11-25T12:00:00Z');
const somebody: Identity = {
  ...{ userId: 'ada', displayName: 'Ada', workspaceId: 'team', workspaceRole: 'member' as const },
  ...{ credential: { kind: 'device' as const, id: 'device' }, address: '192.0.2.7' },
};
const guest: Identity = {
  ...{ userId: 'guest', displayName: 'Guest', workspaceId: 'team', onlySession: 'session' },
  ...{ credential: { kind: 'guest' as const, id: 'link' }, address: '192.0.2.7' },
};
const member = { role: 'member' as const, policy: OPEN_POLICY };
const decide = (access: SocketAccess, facts: Partial<SocketFacts>, nowMs = NOON, denials = 0) =>
  decideSocket(access, { credential: 'active', own: member, place: null, ...facts }, nowMs, denials);

describe('what a socket stands on', () => {
  it('is the workspace of the session, or, for who comes from outside, their own; a guest is in none', () => {
    expect(accessOf(somebody, NOON)).toMatchObject({ workspaceId: 'team', newNetworkUntilMs: 0 });
    const { workspaceRole: _none, ...outsider } = somebody;
    expect(accessOf(outsider, NOON).workspaceId).toBe('ada');
    expect(accessOf(guest, NOON).workspaceId).toBeNull();
  });
});

describe('a socket stays', () => {
  const access = accessOf(somebody, NOON);

  it('while credential, role and policies let it', () => {
    expect(decide(access, {})).toEqual({ allowed: true });
    expect(decide(access, { credential: 'ended' })).toMatchObject({ code: 'unauthenticated' });
    expect(decide(access, { own: { ...member, role: null } })).toMatchObject({ code: 'forbidden' });
    const elsewhere = { role: null, policy: { ...OPEN_POLICY, networks: ['198.51.100.0/24'] } };
    expect(decide(access, { place: elsewhere })).toMatchObject({ code: 'forbidden' });
    expect(decide(access, { own: { ...elsewhere, role: 'owner' } })).toMatchObject({ code: 'forbidden' });
  });

  it('of a guest, while the policy of the session’s workspace lets it', () => {
    const facts = { own: null, place: { role: null, policy: OPEN_POLICY } };
    const closed = { role: null, policy: { ...OPEN_POLICY, networks: ['198.51.100.0/24'] } };
    expect(decide(accessOf(guest, NOON), facts)).toEqual({ allowed: true });
    expect(decide(accessOf(guest, NOON), { ...facts, place: closed })).toMatchObject({ code: 'forbidden' });
  });

  it('until the hours are over, to the minute', () => {
    const hours = { timeZone: 'UTC', windows: [{ days: [3], from: '09:00', to: '12:01' }] };
    const facts = { own: { ...member, policy: { ...OPEN_POLICY, hours } } };
    expect(decide(access, facts, NOON + 59_999)).toEqual({ allowed: true });
    expect(decide(access, facts, NOON + 60_000)).toMatchObject({ code: 'forbidden' });
  });

  it('while what opened it is an agent that the workspace lets act', () => {
    const facts = { own: { ...member, policy: { ...OPEN_POLICY, agents: ['browser' as const] } } };
    expect(decide(accessOf({ ...somebody, agent: 'browser' }, NOON), facts)).toEqual({ allowed: true });
    expect(decide(accessOf({ ...somebody, agent: 'program' }, NOON), facts)).toMatchObject({
      code: 'forbidden',
    });
    expect(decide(access, facts)).toMatchObject({ code: 'forbidden' });
  });

  it('while it is not too unusual; a network is new for a day', () => {
    const facts = { own: { ...member, policy: { ...OPEN_POLICY, maxRisk: 39 } } };
    const fresh = accessOf({ ...somebody, newNetwork: true }, NOON);
    expect(decide(fresh, facts)).toMatchObject({ code: 'reauthentication-required' });
    expect(decide(fresh, facts, NOON + NEW_NETWORK_MS)).toEqual({ allowed: true });
    expect(decide(access, facts, NOON, 4)).toMatchObject({ code: 'reauthentication-required' });
  });
});
