import { createMiddleware } from 'hono/factory';
import { randomId } from '../../shared/ids.ts';
import { clientAddress } from '../client-address.ts';
import { type GatewayEnv, setHeaders } from '../context.ts';

/** A caller's request id is taken over when it is this plain; it ends up in logs and answers. */
const SANE_REQUEST_ID = /^[A-Za-z0-9._-]{8,64}$/;

/** Gives every request an id and every answer the header `x-request-id`. */
export const requestId = createMiddleware<GatewayEnv>(async (c, next) => {
  const given = c.req.header('x-request-id');
  const id = given !== undefined && SANE_REQUEST_ID.test(given) ? given : randomId(12);
  c.set('requestId', id);
  c.set('address', clientAddress(c.env, c.req.raw));
  c.set('identity', null);
  c.set('byCookie', false);
  c.set('denialRecorded', false);
  await next();
  // The answer to an upgrade comes from an actor and its headers are not ours to change.
  if (c.res.status !== 101) setHeaders(c, { 'x-request-id': id });
});
