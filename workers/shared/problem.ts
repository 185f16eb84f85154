import type { ErrorCode } from '../../protocol/messages/errors.ts';

/** RFC 9457 problem details with our members. */
export interface Problem {
  type: string;
  title: string;
  status: number;
  detail: string;
  code: ErrorCode;
  requestId: string;
}

/** HTTP status and title of every code; total, so that a new code cannot be forgotten. */
const PROBLEMS: Record<ErrorCode, { status: number; title: string }> = {
  'frame-too-short': { status: 400, title: 'Frame too short' },
  'frame-too-large': { status: 413, title: 'Frame too large' },
  'frame-kind-unknown': { status: 400, title: 'Unknown frame kind' },
  'frame-flags-invalid': { status: 400, title: 'Invalid frame flags' },
  'frame-reserved-not-zero': { status: 400, title: 'Reserved frame bits set' },
  'frame-offset-unsafe': { status: 400, title: 'Frame offset too large' },
  'frame-payload-invalid': { status: 400, title: 'Invalid frame payload' },
  'frame-kind-not-allowed': { status: 400, title: 'Frame kind not allowed here' },
  'frame-channel-not-attached': { status: 409, title: 'Channel not attached' },
  'message-not-json': { status: 400, title: 'Message is not JSON' },
  'message-invalid': { status: 400, title: 'Invalid message' },
  'message-too-large': { status: 413, title: 'Message too large' },
  'hello-expected': { status: 400, title: 'Hello expected' },
  'not-attached': { status: 409, title: 'Not attached' },
  unauthenticated: { status: 401, title: 'Unauthenticated' },
  forbidden: { status: 403, title: 'Forbidden' },
  'reauthentication-required': { status: 403, title: 'Sign in again' },
  'not-found': { status: 404, title: 'Not found' },
  gone: { status: 410, title: 'Gone' },
  conflict: { status: 409, title: 'Conflict' },
  'rate-limited': { status: 429, title: 'Too many requests' },
  'limit-exceeded': { status: 409, title: 'Limit exceeded' },
  'stale-epoch': { status: 409, title: 'Stale epoch' },
  'input-gap': { status: 409, title: 'Input gap' },
  'input-stream-unknown': { status: 409, title: 'Unknown input stream' },
  'terminal-not-found': { status: 404, title: 'Terminal not found' },
  'terminal-exited': { status: 409, title: 'Terminal has exited' },
  'no-host': { status: 503, title: 'No sandbox host available' },
  'sandbox-failed': { status: 503, title: 'Sandbox failed' },
  'invalid-request': { status: 400, title: 'Invalid request' },
  'payload-too-large': { status: 413, title: 'Payload too large' },
  'method-not-allowed': { status: 405, title: 'Method not allowed' },
  'authorization-pending': { status: 400, title: 'Authorization pending' },
  'slow-down': { status: 400, title: 'Slow down' },
  'access-denied': { status: 403, title: 'Access denied' },
  'expired-token': { status: 400, title: 'Expired token' },
  unavailable: { status: 503, title: 'Unavailable' },
  internal: { status: 500, title: 'Internal error' },
};

/** The HTTP status that goes with a code. */
export function statusOf(code: ErrorCode): number {
  return PROBLEMS[code].status;
}

/** Problem details for a code. `detail` says what to do next and holds no secret. */
export function problem(
  code: ErrorCode,
  detail: string,
  requestId: string,
  status = statusOf(code),
): Problem {
  return {
    type: `urn:alex-edge:problem:${code}`,
    title: PROBLEMS[code].title,
    status,
    detail,
    code,
    requestId,
  };
}

/** `application/problem+json` response for a code. */
export function problemResponse(
  code: ErrorCode,
  detail: string,
  requestId: string,
  init: { status?: number; headers?: Record<string, string> } = {},
): Response {
  const body = problem(code, detail, requestId, init.status);
  return new Response(JSON.stringify(body), {
    status: body.status,
    headers: { ...init.headers, 'content-type': 'application/problem+json', 'x-request-id': requestId },
  });
}
