import { evictDurableObject } from 'cloudflare:test';
import { beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { CloseCode } from '../../protocol/close-codes.ts';
import { FrameKind } from '../../protocol/stream/frame.ts';
import { ask, expectProblem, newUser, tokenFor } from '../testing/api.ts';
import { PlayedHost, PlayedSession, type Viewer } from '../testing/session.ts';

const List = z.object({
  sessions: z.array(z.object({ id: z.string(), role: z.string(), name: z.string() })),
});
let session: PlayedSession;

beforeEach(async () => {
  session = await PlayedSession.create();
});

async function listOf(token: string) {
  return List.parse(await (await ask('/api/v1/sessions', { token })).json()).sessions;
}

/** Waits until the user's list is as wanted: it is told after the answer. */
async function listBecomes(
  token: string,
  wanted: { id: string; role: string; name: string }[],
): Promise<void> {
  await expect.poll(() => listOf(token)).toEqual(wanted);
}

const members = (method: string, userId: string, token: string, body?: unknown) =>
  ask(`/api/v1/sessions/${session.id}/members/${userId}`, { method, token, body });

describe('sharing', () => {
  it('puts the session on the list of whom it is shared with, with their role; removal takes it off', async () => {
    const { who, token } = await session.member('viewer', 'Bob');
    await listBecomes(token, [{ id: session.id, role: 'viewer', name: 'test' }]);
    await ask(`/api/v1/sessions/${session.id}`, {
      method: 'PATCH',
      token: session.token,
      body: { name: 'ours' },
    });
    await members('PUT', who.userId, session.token, { role: 'editor' });
    await listBecomes(token, [{ id: session.id, role: 'editor', name: 'ours' }]);
    await listBecomes(session.token, [{ id: session.id, role: 'owner', name: 'ours' }]);
    expect((await members('DELETE', who.userId, session.token)).status).toBe(204);
    await listBecomes(token, []);
    expect((await ask(`/api/v1/sessions/${session.id}`, { token })).status).toBe(404);
  });

  it('deleting the session takes it off every list', async () => {
    const { token } = await session.member('editor');
    await listBecomes(token, [{ id: session.id, role: 'editor', name: 'test' }]);
    await ask(`/api/v1/sessions/${session.id}`, { method: 'DELETE', token: session.token });
    await listBecomes(token, []);
  });

  it('lists members with the names of those who were here', async () => {
    const { who, token } = await session.member('viewer', 'Bob');
    await session.view(undefined, { token });
    const answer = await ask(`/api/v1/sessions/${session.id}/members`, { token });
    expect(await answer.json()).toMatchObject({
      members: [
        { userId: session.owner.userId, role: 'owner', displayName: 'Test user' },
        { userId: who.userId, role: 'viewer', displayName: 'Bob' },
      ],
    });
  });

  it('keeps an owner, and lets everybody leave', async () => {
    const { who, token } = await session.member('viewer');
    await expectProblem(await members('DELETE', session.owner.userId, session.token), 409, 'conflict');
    await expectProblem(
      await members('PUT', session.owner.userId, session.token, { role: 'viewer' }),
      409,
      'conflict',
    );
    await expectProblem(await members('DELETE', session.owner.userId, token), 403, 'forbidden');
    expect((await members('DELETE', who.userId, token)).status).toBe(204);
    await expectProblem(await members('DELETE', who.userId, token), 404, 'not-found');
    const [second, third] = [await session.member('owner'), await session.member('owner')];
    expect((await members('DELETE', third.who.userId, third.token)).status).toBe(204);
    expect((await ask(`/api/v1/sessions/${session.id}`, { token: third.token })).status).toBe(404);
    // It stays in their workspace: they see that it is there, and no more.
    expect((await members('DELETE', session.owner.userId, second.token)).status).toBe(204);
    expect((await ask(`/api/v1/sessions/${session.id}`, { token: session.token })).status).toBe(200);
    const ticket = await ask(`/api/v1/sessions/${session.id}/tickets`, {
      method: 'POST',
      token: session.token,
    });
    await expectProblem(ticket, 403, 'forbidden');
  });

  it('refuses what is no role and no user id', async () => {
    await expectProblem(await members('PUT', 'bob', session.token, { role: 'king' }), 400, 'invalid-request');
    await expectProblem(
      await members('PUT', 'a%07b', session.token, { role: 'viewer' }),
      400,
      'invalid-request',
    );
  });

  it('survives a restart of the actor', async () => {
    const { token } = await session.member('viewer');
    await evictDurableObject(session.actor);
    expect((await ask(`/api/v1/sessions/${session.id}`, { token })).status).toBe(200);
  });
});

describe('open sockets', () => {
  it('of a removed member end at once, and their tickets are worth nothing', async () => {
    const { who, token } = await session.member('editor');
    const viewer = await session.view(undefined, { token });
    const minted = await ask(`/api/v1/sessions/${session.id}/tickets`, { method: 'POST', token });
    expect(minted.status).toBe(201);
    await members('DELETE', who.userId, session.token);
    expect(await viewer.closed()).toBe(CloseCode.Forbidden);
    expect((await viewer.take('error')).code).toBe('forbidden');
    await expect(session.view(undefined, { token })).rejects.toThrow();
  });

  it('of a member whose role changes are told and obey, also after the actor slept', async () => {
    const { host, channel } = await shell();
    const { who, token } = await session.member('editor');
    const viewer = await session.view(undefined, { token });
    await viewer.attach(channel, 0);
    await members('PUT', who.userId, session.token, { role: 'viewer' });
    expect((await viewer.take('role')).role).toBe('viewer');
    await evictDurableObject(session.actor);
    type(viewer, channel, 'no');
    expect((await viewer.take('error')).code).toBe('forbidden');
    await members('PUT', who.userId, session.token, { role: 'editor' });
    expect((await viewer.take('role')).role).toBe('editor');
    // Where its input stands, so that it can type from here.
    await viewer.takeFrame(FrameKind.InputResume);
    type(viewer, channel, 'yes');
    const frame = await host.data.until(() => host.input[0], 'input');
    expect(new TextDecoder().decode(frame.payload)).toBe('yes');
  });
});

describe('a ticket', () => {
  it('lends less than its owner has, whatever becomes of the owner', async () => {
    const { who, token } = await session.member('editor');
    const watcher = await session.view(undefined, { token, role: 'viewer' });
    expect(watcher.role).toBe('viewer');
    await members('PUT', who.userId, session.token, { role: 'owner' });
    watcher.send({ type: 'terminal.open', requestId: 'r', size: { cols: 80, rows: 24 } });
    expect((await watcher.take('error')).code).toBe('forbidden');
    expect(watcher.count('role')).toBe(0);
  });

  it('never lends more', async () => {
    const { token } = await session.member('viewer');
    const path = `/api/v1/sessions/${session.id}/tickets`;
    await expectProblem(
      await ask(path, { method: 'POST', token, body: { role: 'editor' } }),
      403,
      'forbidden',
    );
    const stranger = await tokenFor(newUser());
    await expectProblem(
      await ask(path, { method: 'POST', token: stranger, body: { role: 'owner' } }),
      404,
      'not-found',
    );
  });
});

async function shell(): Promise<{ host: PlayedHost; channel: number }> {
  const host = await PlayedHost.join();
  const serving = host.serve(session.id);
  const { channel } = await (await session.view()).open();
  await serving;
  await host.opened(channel);
  return { host, channel };
}

function type(viewer: Viewer, channel: number, text: string): void {
  const payload = new TextEncoder().encode(text);
  viewer.frame({ kind: FrameKind.Input, channel, stream: 1, offset: 0, payload });
}
