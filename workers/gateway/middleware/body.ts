import { bodyLimit } from 'hono/body-limit';
import { createMiddleware } from 'hono/factory';
import { type GatewayEnv, ProblemError } from '../context.ts';

/** Largest request body; the largest legitimate one is a terminal's command. */
export const MAX_BODY_BYTES = 512 * 1024;

/** Refuses bodies above {@link MAX_BODY_BYTES}, by their length or while they are read. */
export const limitBody = bodyLimit({
  maxSize: MAX_BODY_BYTES,
  onError: () => {
    throw new ProblemError('payload-too-large', `At most ${MAX_BODY_BYTES} bytes.`);
  },
});

/** Bodies are JSON: anything else would be ignored silently, or be a form posted by a foreign page. */
export const jsonOnly = createMiddleware<GatewayEnv>(async (c, next) => {
  const length = c.req.header('content-length');
  const hasBody = c.req.raw.body !== null && length !== '0';
  const type = c.req.header('content-type')?.split(';')[0]?.trim().toLowerCase();
  if (hasBody && type !== 'application/json') {
    throw new ProblemError('invalid-request', 'Send the body as application/json.', { status: 415 });
  }
  await next();
});
