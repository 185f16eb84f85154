import { env, SELF } from 'cloudflare:test';
import { expect } from 'vitest';
import { z } from 'zod';
import { SessionInfo } from '../../protocol/messages/session.ts';
import { signAccessToken, LOCAL_USER } from '../shared/auth.ts';
import { randomId } from '../shared/ids.ts';
import type { Identity } from '../shared/rpc.ts';

/** Where the Worker is in tests. */
export const ORIGIN = 'https://edge.test';

/** What a test asks of the API. `body` is sent as JSON unless it is a string. */
export interface Ask {
  method?: string;
  body?: unknown;
  token?: string | null;
  headers?: Record<string, string>;
}

/** A user nobody else in the tests is, in their personal workspace. */
export function newUser(): Identity {
  const userId = `user-${randomId(9)}`;
  return { userId, displayName: 'Test user', workspaceId: userId };
}

/** A bearer token for a user. */
export async function tokenFor(who: Identity = LOCAL_USER): Promise<string> {
  return (await signAccessToken(env.SIGNING_KEY, who)).token;
}

/** Sends a request through the gateway. */
export async function ask(
  path: string,
  { method = 'GET', body, token, headers = {} }: Ask = {},
): Promise<Response> {
  const all = new Headers(headers);
  if (token !== undefined && token !== null) all.set('authorization', `Bearer ${token}`);
  if (body !== undefined && !all.has('content-type')) all.set('content-type', 'application/json');
  const text = body === undefined ? null : typeof body === 'string' ? body : JSON.stringify(body);
  return SELF.fetch(
    new Request(`${ORIGIN}${path}`, { method, headers: all, body: text, redirect: 'manual' }),
  );
}

const ProblemBody = z.strictObject({
  type: z.string(),
  title: z.string().min(1),
  status: z.int(),
  detail: z.string().min(1),
  code: z.string(),
  requestId: z.string().min(8),
});

/** Checks that an answer is the documented problem, and gives its body. */
export async function expectProblem(
  response: Response,
  status: number,
  code: string,
): Promise<z.infer<typeof ProblemBody>> {
  const body = ProblemBody.parse(await response.json());
  expect({ status: response.status, code: body.code }).toEqual({ status, code });
  expect(body.status).toBe(status);
  expect(response.headers.get('content-type')).toBe('application/problem+json');
  expect(response.headers.get('x-request-id')).toBe(body.requestId);
  return body;
}

/** Makes a session and gives its record. */
export async function createSession(token: string, name = 'test'): Promise<SessionInfo> {
  const response = await ask('/api/v1/sessions', { method: 'POST', token, body: { name } });
  expect(response.status).toBe(201);
  return SessionInfo.parse(await response.json());
}
