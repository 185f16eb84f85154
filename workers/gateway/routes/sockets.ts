import type { OpenAPIHono } from '@hono/zod-openapi';
import { SUBPROTOCOL } from '../../../protocol/close-codes.ts';
import { SessionId } from '../../../protocol/messages/session.ts';
import {
  type Door,
  DOOR_HEADER,
  HOST_ID_HEADER,
  INTERNAL_HEADER_PREFIX,
  REGION_HEADER,
} from '../../shared/doors.ts';
import { verifyHostToken } from '../../shared/host-auth.ts';
import { regionActor, sessionActor } from '../actors.ts';
import { type GatewayContext, type GatewayEnv, ProblemError, unauthenticated } from '../context.ts';
import { count } from '../metrics-recorder.ts';
import { originAllowed } from '../origins.ts';

/**
 * WebSocket doors. The gateway looks at form and origin (and a host's token), then hands the upgrade to the actor,
 * which spends the ticket. It is out of the way from then on.
 */
export function socketRoutes(app: OpenAPIHono<GatewayEnv>): void {
  app.get('/ws/v1/sessions/:id', (c) => viewerDoor(c, c.req.param('id')));
  app.get('/ws/v1/terminal', (c) => viewerDoor(c, c.req.query('session')));

  app.get('/host/v1/sessions/:id', async (c) => {
    checkUpgrade(c);
    denyBrowsers(c);
    const id = parseSessionId(c.req.param('id'));
    return enter(c, 'host', sessionActor(c.env, id), {});
  });

  app.get('/host/v1/control', async (c) => {
    checkUpgrade(c);
    denyBrowsers(c);
    const token = /^bearer +(\S+)$/i.exec(c.req.header('authorization') ?? '')?.[1];
    const host = token === undefined ? null : await verifyHostToken(c.env.HOST_KEYS, token);
    if (host === null) throw unauthenticated();
    return enter(c, 'host', regionActor(c.env, host.region), {
      [HOST_ID_HEADER]: host.hostId,
      [REGION_HEADER]: host.region,
    });
  });
}

async function viewerDoor(c: GatewayContext, session: string | undefined): Promise<Response> {
  checkUpgrade(c);
  const id = parseSessionId(session);
  if (!originAllowed(c.req.header('origin') ?? null, c.req.url, c.env.ALLOWED_ORIGINS)) {
    throw new ProblemError('forbidden', 'This origin is not allowed.');
  }
  return enter(c, 'viewer', sessionActor(c.env, id), {});
}

/** Hands the upgrade to an actor, with the door it came through and without what a client could have forged. */
async function enter(
  c: GatewayContext,
  door: Door,
  actor: { fetch(request: Request): Promise<Response> },
  internal: Record<string, string>,
): Promise<Response> {
  const headers = new Headers(c.req.raw.headers);
  for (const name of [...headers.keys()]) {
    if (name.startsWith(INTERNAL_HEADER_PREFIX)) headers.delete(name);
  }
  // Credentials of the browser are nothing to the actor: the ticket counts.
  headers.delete('cookie');
  headers.set('x-request-id', c.get('requestId'));
  headers.set(DOOR_HEADER, door);
  for (const [name, value] of Object.entries(internal)) headers.set(name, value);
  const response = await actor.fetch(new Request(c.req.raw, { headers }));
  if (response.status === 101) count(c.env, c.executionCtx, 'alex_websocket_connections_total', [door]);
  return response;
}

function parseSessionId(text: string | undefined): string {
  const parsed = SessionId.safeParse(text);
  if (!parsed.success) throw new ProblemError('invalid-request', 'session: not a session id.');
  return parsed.data;
}

function checkUpgrade(c: GatewayContext): void {
  const offered = (c.req.header('sec-websocket-protocol') ?? '').split(',').map((name) => name.trim());
  if (c.req.header('upgrade')?.toLowerCase() !== 'websocket') {
    throw new ProblemError('invalid-request', 'Connect with a WebSocket.', {
      status: 426,
      headers: { upgrade: 'websocket' },
    });
  }
  if (!offered.includes(SUBPROTOCOL)) {
    throw new ProblemError('invalid-request', `Offer the subprotocol ${SUBPROTOCOL}.`);
  }
}

/** Hosts are programs; a page has no business at their doors. */
function denyBrowsers(c: GatewayContext): void {
  if (c.req.header('origin') !== undefined) throw new ProblemError('forbidden', 'Hosts only.');
}
