import { env } from 'cloudflare:test';
import { beforeEach, describe, expect, it } from 'vitest';
import type { Role } from '../../../protocol/messages/session.ts';
import { ViewerToSession } from '../../../protocol/messages/viewer.ts';
import { FrameKind } from '../../../protocol/stream/frame.ts';
import { randomId } from '../ids.ts';
import type { Identity } from '../rpc.ts';
import { newUser } from '../../testing/api.ts';
import { PlayedHost, PlayedSession } from '../../testing/session.ts';
import { lesser, may, PERMISSIONS, type Action } from './session-actions.ts';
import { SessionDO } from '../../session-do/session-do.ts';

const ROLES: Role[] = ['owner', 'editor', 'viewer'];
/** What the platform, the workspace and the region call, and the call that makes the session. */
const NOT_BY_MEMBERS = [
  'constructor',
  'create',
  'limitMember',
  'destroyWithWorkspace',
  'redeemShareLink',
  'neededSocketPlaces',
  'placementFailed',
  'hostWants',
  'fetch',
  'alarm',
  'webSocketMessage',
  'webSocketClose',
  'webSocketError',
];
const rpcNames = Object.getOwnPropertyNames(SessionDO.prototype).filter(
  (name) => !NOT_BY_MEMBERS.includes(name),
);
const messageTypes = ViewerToSession.options.map(({ shape }) => shape.type.value);

describe('the table', () => {
  it('has a rule for every call, message and frame, and no others', () => {
    const actions = [
      ...rpcNames.map((name) => `rpc.${name}`),
      'rpc.leave',
      ...messageTypes.map((type) => `message.${type}`),
      'frame.Input',
      'frame.OutputAck',
    ];
    expect(Object.keys(PERMISSIONS).sort()).toEqual(actions.sort());
  });

  it('denies what it does not know, and strangers everything', () => {
    expect(may('owner', 'rpc.unheardOf' as Action)).toBe(false);
    expect(may('owner', 'constructor' as Action)).toBe(false);
    for (const action of Object.keys(PERMISSIONS)) expect(may(null, action as Action)).toBe(false);
  });

  it('gives an owner all an editor may, and an editor all a viewer may', () => {
    for (const action of Object.keys(PERMISSIONS) as Action[]) {
      const [owner, editor, viewer] = ROLES.map((role) => may(role, action));
      expect([owner, !editor || owner, !viewer || editor], action).toEqual([true, true, true]);
    }
  });

  it('lends roles only downwards', () => {
    expect(lesser('owner', 'viewer')).toBe('viewer');
    expect(lesser('viewer', 'owner')).toBe('viewer');
    expect(lesser('editor', null)).toBe('editor');
  });
});

describe('the actor', () => {
  let session: PlayedSession;
  beforeEach(async () => {
    session = await PlayedSession.create();
  });

  /** Every call a member can make, so that it changes as little as it can. Total over the RPC by the test below. */
  const calls = (
    actor: PlayedSession['actor'],
  ): Record<string, (who: Identity) => Promise<{ ok: boolean }>> => ({
    get: (who) => actor.get(who),
    rename: (who) => actor.rename(who, 'same'),
    destroy: (who) => actor.destroy(who),
    openTerminal: (who) => actor.openTerminal(who, { size: { cols: 80, rows: 24 }, requestId: 'one' }),
    listTerminals: (who) => actor.listTerminals(who),
    closeTerminal: (who) => actor.closeTerminal(who, 99),
    mintTicket: (who) => actor.mintTicket(who),
    getState: (who) => actor.getState(who),
    listEvents: (who) => actor.listEvents(who, { since: null, limit: 1 }),
    listParticipants: (who) => actor.listParticipants(who),
    listMembers: (who) => actor.listMembers(who),
    setMember: (who) => actor.setMember(who, 'somebody-else', 'viewer'),
    removeMember: (who) => actor.removeMember(who, 'nobody'),
    transfer: (who) => actor.transfer(who, 'nobody'),
    createShareLink: (who) =>
      actor.createShareLink(who, {
        ...{ tokenHash: randomId(9), role: 'viewer', signedInOnly: false, lifetimeMs: 60_000, maxUses: 1 },
      }),
    exportPart: (who) => actor.exportPart(who, null),
    listShareLinks: (who) => actor.listShareLinks(who),
    revokeShareLink: (who) => actor.revokeShareLink(who, 'none'),
  });

  it('asks the table in every call', async () => {
    expect(Object.keys(calls(session.actor)).sort()).toEqual(rpcNames.toSorted());
    const members = {
      viewer: (await session.member('viewer')).who,
      editor: (await session.member('editor')).who,
      owner: session.owner,
    };
    // The owner last: one of the calls deletes the session.
    for (const role of ['viewer', 'editor', 'owner'] as const) {
      for (const name of rpcNames.toSorted((a, b) => Number(a === 'destroy') - Number(b === 'destroy'))) {
        const outcome = await calls(session.actor)[name]?.(members[role]);
        const code = outcome !== undefined && 'code' in outcome ? outcome.code : 'ok';
        expect(code === 'forbidden', `${role} ${name}: ${String(code)}`).toBe(
          !may(role, `rpc.${name}` as Action),
        );
      }
    }
  });

  it('answers who is no member exactly as a session that is not there', async () => {
    const stranger = newUser();
    const nowhere = env.SESSIONS.get(env.SESSIONS.idFromName('A'.repeat(22)));
    for (const name of rpcNames) {
      const here = await calls(session.actor)[name]?.(stranger);
      const there = await calls(nowhere)[name]?.(stranger);
      expect(JSON.stringify(here), name).toBe(JSON.stringify(there));
      expect(here, name).toMatchObject({ ok: false, code: 'not-found' });
    }
  });

  it('asks the table for every message and frame', async () => {
    const host = await PlayedHost.join();
    const serving = host.serve(session.id);
    const first = await session.view();
    const { channel } = await first.open();
    await serving;
    await host.opened(channel);
    const messages: Record<string, Record<string, unknown>> = {
      hello: { clientId: 'client-again' },
      attach: { channel, offset: 0 },
      detach: { channel: 98 },
      'terminal.open': { requestId: 'r', size: { cols: 80, rows: 24 } },
      'terminal.close': { channel: 99 },
      'terminal.rename': { channel, title: 'same' },
      resize: { channel, size: { cols: 80, rows: 24 } },
      focus: { focus: { channel, scrollLines: 3 } },
      'participants.get': {},
      'events.since': { version: 0 },
      'state.get': {},
      'sync.check': {},
      receipt: { position: 0 },
    };
    expect(Object.keys(messages).sort()).toEqual([...messageTypes].sort());
    for (const role of ROLES) {
      const { token } = await session.member(role);
      for (const type of messageTypes) {
        const viewer = await session.view(undefined, { token });
        await viewer.attach(channel, 0);
        viewer.send({ type, ...messages[type] });
        // Answered in order: when the log has come, the error, if there was one, has come before.
        viewer.send({ type: 'events.since', version: 0 });
        await viewer.take('events');
        const refused = viewer.count('error') > 0 && (await viewer.take('error')).code === 'forbidden';
        expect(refused, `${role} ${type}`).toBe(!may(role, `message.${type}`));
        viewer.socket.close(1000, 'bye');
      }
      const typist = await session.view(undefined, { token });
      await typist.attach(channel, 0);
      const payload = new TextEncoder().encode(role);
      typist.frame({ kind: FrameKind.Input, channel, stream: 1, offset: 0, payload });
      typist.send({ type: 'events.since', version: 0 });
      await typist.take('events');
      expect(typist.count('error'), role).toBe(may(role, 'frame.Input') ? 0 : 1);
      const typed = host.input.some((frame) => new TextDecoder().decode(frame.payload) === role);
      expect(typed, role).toBe(may(role, 'frame.Input'));
    }
  });
});
