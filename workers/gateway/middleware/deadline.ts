import { createMiddleware } from 'hono/factory';
import { withDeadline } from '../../shared/deadline.ts';
import { type GatewayEnv, ProblemError } from '../context.ts';

/** Longest that a request waits for its answer to begin; and one about terminals, which may wait for a sandbox. */
export const REQUEST_TIMEOUT_MS = 30_000;
export const TERMINAL_REQUEST_TIMEOUT_MS = 300_000;

const TERMINALS = /^\/api\/v1\/(?:sessions\/[^/]+\/terminals|terminal)\b/;

/**
 * Answers a request that nobody else answers in time. What it asked for may yet happen, and nothing is tried again: the
 * answer says so.
 */
export const deadline = (timeoutMs = REQUEST_TIMEOUT_MS, terminalTimeoutMs = TERMINAL_REQUEST_TIMEOUT_MS) =>
  createMiddleware<GatewayEnv>(async (c, next) => {
    const limitMs = TERMINALS.test(c.req.path) ? terminalTimeoutMs : timeoutMs;
    await withDeadline(next(), limitMs, () => {
      const detail = `No answer within ${limitMs / 1000} seconds. It may still be carried out: look before you ask again.`;
      return new ProblemError('unavailable', detail, { status: 504 });
    });
  });
