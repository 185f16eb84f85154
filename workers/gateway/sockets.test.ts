import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { CloseCode, SUBPROTOCOL, TICKET_SUBPROTOCOL_PREFIX } from '../../protocol/close-codes.ts';
import { newSessionId } from '../shared/ids.ts';
import { ask, createSession, expectProblem, newUser, ORIGIN, tokenFor } from '../testing/api.ts';
import { hostToken, PlayedSocket, TEST_HOST_ID, upgrade } from '../testing/host.ts';

/** A session with a ticket for it. */
async function withTicket(): Promise<{ id: string; ticket: string }> {
  const token = await tokenFor(newUser());
  const { id } = await createSession(token);
  const minted = await ask(`/api/v1/sessions/${id}/tickets`, { method: 'POST', token });
  return { id, ...z.object({ ticket: z.string() }).parse(await minted.json()) };
}
const offer = (ticket: string) => ({
  'sec-websocket-protocol': `${SUBPROTOCOL}, ${TICKET_SUBPROTOCOL_PREFIX}${ticket}`,
});

async function closeCode(response: Response): Promise<number> {
  if (response.webSocket === null) throw new Error(`refused with ${response.status}`);
  return (await new PlayedSocket(response.webSocket).closed()).code;
}

describe('the viewer door', () => {
  it.each(['/ws/v1/sessions/', '/ws/v1/terminal?session='])('lets a ticket in once at %s', async (path) => {
    const { id, ticket } = await withTicket();
    const response = await upgrade(`${path}${id}`, { ...offer(ticket), origin: ORIGIN });
    expect(response.status).toBe(101);
    expect(response.headers.get('sec-websocket-protocol')).toBe(SUBPROTOCOL);
    const again = await upgrade(`${path}${id}`, offer(ticket));
    expect(await closeCode(again)).toBe(CloseCode.Unauthenticated);
  });

  it('refuses no ticket, a ticket of another session, and a session that is not there', async () => {
    const { id, ticket } = await withTicket();
    const other = await withTicket();
    expect(await closeCode(await upgrade(`/ws/v1/sessions/${id}`, {}))).toBe(CloseCode.Unauthenticated);
    expect(await closeCode(await upgrade(`/ws/v1/sessions/${id}`, offer(other.ticket)))).toBe(
      CloseCode.Unauthenticated,
    );
    expect(await closeCode(await upgrade(`/ws/v1/sessions/${newSessionId()}`, offer(ticket)))).toBe(
      CloseCode.NotFound,
    );
  });

  it('refuses foreign origins, other protocols, plain requests and bad ids', async () => {
    const { id, ticket } = await withTicket();
    const path = `/ws/v1/sessions/${id}`;
    for (const origin of ['https://evil.test', 'null', `${ORIGIN}.evil.test`]) {
      await expectProblem(await upgrade(path, { ...offer(ticket), origin }), 403, 'forbidden');
    }
    await expectProblem(await upgrade(path, { 'sec-websocket-protocol': 'other' }), 400, 'invalid-request');
    await expectProblem(await ask(path), 426, 'invalid-request');
    await expectProblem(await upgrade('/ws/v1/sessions/short', offer(ticket)), 400, 'invalid-request');
    await expectProblem(await upgrade('/ws/v1/terminal', offer(ticket)), 400, 'invalid-request');
    // None of that spent it.
    expect((await upgrade(path, offer(ticket))).status).toBe(101);
  });

  it('cannot be made a host’s by headers', async () => {
    const { id, ticket } = await withTicket();
    const response = await upgrade(`/ws/v1/sessions/${id}`, { ...offer(ticket), 'X-Alex-Door': 'host' });
    expect(response.status).toBe(101);
    if (response.webSocket === null) throw new Error('no socket');
    const viewer = new PlayedSocket(response.webSocket);
    // A host's socket would not know this message.
    viewer.send({ type: 'detach', channel: 1 });
    await expect(viewer.next()).resolves.toMatchObject({ type: 'error', code: 'hello-expected' });
  });
});

describe('the host doors', () => {
  it('refuse a viewer ticket, and pages', async () => {
    const { id, ticket } = await withTicket();
    const path = `/host/v1/sessions/${id}`;
    await expectProblem(await upgrade(path, { ...offer(ticket), origin: ORIGIN }), 403, 'forbidden');
    expect(await closeCode(await upgrade(path, offer(ticket)))).toBe(CloseCode.Unauthenticated);
  });

  it('let in only hosts that prove themselves', async () => {
    const control = (token: string | null, more: Record<string, string> = {}) =>
      upgrade('/host/v1/control', {
        ...(token === null ? {} : { authorization: `Bearer ${token}` }),
        ...more,
      });
    const region = 'doors';
    const bad = [
      null,
      'nonsense',
      await tokenFor(),
      await hostToken(region, { audience: 'alex-edge-api' }),
      await hostToken(region, { sub: 'another-host' }),
      await hostToken(region, { kid: 'another-host' }),
      await hostToken(region, { lifeS: -30 }),
      await hostToken(region, { lifeS: 3_600 }),
      await hostToken('No Such Region!'),
    ];
    for (const token of bad) await expectProblem(await control(token), 401, 'unauthenticated');
    const forged = { 'x-alex-host-id': TEST_HOST_ID, 'x-alex-region': region, 'x-alex-door': 'host' };
    await expectProblem(await control(null, forged), 401, 'unauthenticated');
    await expectProblem(await control(await hostToken(region), { origin: ORIGIN }), 403, 'forbidden');
    expect((await control(await hostToken(region))).status).toBe(101);
  });
});
