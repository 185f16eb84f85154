import type { Context } from 'hono';
import type { ErrorCode } from '../../protocol/messages/errors.ts';
import type { Env } from '../shared/env.ts';
import { problemResponse } from '../shared/problem.ts';
import type { AccessRule } from '../shared/policy/rules.ts';
import type { Identity } from '../shared/rpc.ts';

/** What a request carries through the gateway. */
export interface GatewayEnv {
  Bindings: Env;
  Variables: {
    requestId: string;
    /** Where the request comes from; undefined: nobody says. */
    address: string | undefined;
    /** Who asks; null: nobody we know. Routes that need somebody are behind `requireIdentity`. */
    identity: Identity | null;
    /** The rule that let the request on, where it was decided by one. */
    rule: AccessRule;
    /** True when the identity came by cookie, which a browser adds by itself. */
    byCookie: boolean;
    /** The refusal that is the answer is in an audit log already. */
    denialRecorded: boolean;
    /** Error code of the answer, for logs and counters. */
    problemCode: ErrorCode | undefined;
  };
}
export type GatewayContext = Context<GatewayEnv>;

/** A failure on its way to becoming a problem+json answer. `detail` is shown to the caller. */
export class ProblemError extends Error {
  readonly code: ErrorCode;
  readonly status: number | undefined;
  readonly headers: Record<string, string>;

  constructor(
    code: ErrorCode,
    detail: string,
    init: { status?: number; headers?: Record<string, string> } = {},
  ) {
    super(detail);
    this.name = 'ProblemError';
    this.code = code;
    this.status = init.status;
    this.headers = init.headers ?? {};
  }
}

/** Answers a problem and notes its code. */
export function answerProblem(
  c: GatewayContext,
  code: ErrorCode,
  detail: string,
  init: { status?: number; headers?: Record<string, string> } = {},
): Response {
  c.set('problemCode', code);
  return problemResponse(code, detail, c.get('requestId'), init);
}

/** Sets headers of the finished answer in place; Hono's own way copies the answer for every one of them. */
export function setHeaders(c: GatewayContext, headers: Readonly<Record<string, string>>): void {
  const pairs = Object.entries(headers);
  try {
    for (const [name, value] of pairs) c.res.headers.set(name, value);
  } catch {
    // What an actor or the asset store answered cannot be changed; its copy can.
    for (const [name, value] of pairs) c.header(name, value);
  }
}

/** The identity of a request behind `requireIdentity`. Throws a 401 otherwise, so that forgetting it denies. */
export function identityOf(c: GatewayContext): Identity {
  const identity = c.get('identity');
  if (identity === null) throw unauthenticated();
  return identity;
}

/** Lets only operators of the deployment on. Throws a 403 to others. */
export function requireOperator(c: GatewayContext): void {
  if (identityOf(c).operator !== true)
    throw new ProblemError('forbidden', 'This is for operators of the deployment.');
}

/** The answer to whoever is not signed in. */
export function unauthenticated(): ProblemError {
  return new ProblemError('unauthenticated', 'Sign in, or send a bearer token.', {
    headers: { 'www-authenticate': 'Bearer realm="alex-edge"' },
  });
}
