import { z } from 'zod';
import { SessionInfo } from '../../protocol/messages/session.ts';

/** How a test reaches a running stack. */
export interface Target {
  url: string;
  token: string;
}

const REQUEST_TIMEOUT_MS = 30_000;

/** One answer of the API, its body parsed when it is JSON. */
export interface ApiAnswer {
  status: number;
  headers: Headers;
  body: unknown;
}

/** Calls the HTTP API as a program would, without any of our own client code. */
export async function api(
  target: Target,
  method: string,
  path: string,
  body?: unknown,
  headers: Record<string, string> = {},
): Promise<ApiAnswer> {
  const response = await fetch(new URL(path, target.url), {
    method,
    headers: {
      authorization: `Bearer ${target.token}`,
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...headers,
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    signal: AbortSignal.timeout(REQUEST_TIMEOUT_MS),
  });
  const text = await response.text();
  const isJson = /json/.test(response.headers.get('content-type') ?? '');
  return { status: response.status, headers: response.headers, body: isJson ? JSON.parse(text) : text };
}

/** Creates a session; throws when it is not created. */
export async function createSession(target: Target, name?: string): Promise<SessionInfo> {
  const answer = await api(target, 'POST', '/api/v1/sessions', name === undefined ? {} : { name });
  if (answer.status !== 201)
    throw new Error(`POST sessions: ${answer.status} ${JSON.stringify(answer.body)}`);
  return SessionInfo.parse(answer.body);
}

/** Sessions of the first page of the list, newest first. */
export async function listSessions(target: Target): Promise<{ id: string; name: string }[]> {
  const answer = await api(target, 'GET', '/api/v1/sessions');
  return z.object({ sessions: z.array(z.object({ id: z.string(), name: z.string() })) }).parse(answer.body)
    .sessions;
}
