import { createApp } from '../app.ts';

/** Every route of the app, from its router, as `METHOD /path`. */
export const ROUTES: readonly string[] = [
  ...new Set(
    createApp()
      .routes.filter(({ method }) => method !== 'ALL')
      .map(({ method, path }) => `${method} ${path}`),
  ),
];

/** What each route needs in its body to get as far as being decided upon. */
const BODIES: Readonly<Record<string, unknown>> = {
  'POST /api/v1/auth/sign-in': { token: 'none' },
  'POST /api/v1/auth/refresh': { refreshToken: 'none' },
  'POST /api/v1/keys': { name: 'matrix', scopes: ['sessions:read'] },
  'POST /api/v1/auth/device-tokens': { deviceCode: 'none' },
  'POST /api/v1/auth/device-codes/:userCode': { approve: true },
  'POST /api/v1/sessions': { name: 'matrix' },
  'PATCH /api/v1/sessions/:id': { name: 'matrix' },
  'PUT /api/v1/sessions/:id/members/:userId': { role: 'viewer' },
  'POST /api/v1/sessions/:id/share-links': { role: 'viewer' },
  'POST /api/v1/sessions/:id/transfer': { userId: 'nobody' },
  'PUT /api/v1/workspaces/:workspaceId/policy': {},
  'DELETE /api/v1/workspaces/:workspaceId': { confirm: 'not its name' },
  'PATCH /api/v1/account': { displayName: 'matrix' },
  'DELETE /api/v1/account': { confirm: 'not their id' },
  'POST /api/v1/deletions/status': { of: 'workspace', id: 'w_none', token: 'A'.repeat(43) },
  'POST /api/v1/share-links/redeem': { token: `alexshare_${'A'.repeat(65)}` },
  'POST /api/v1/workspaces': { name: 'matrix' },
  'PATCH /api/v1/workspaces/:workspaceId': { name: 'matrix' },
  'PUT /api/v1/workspaces/:workspaceId/members/:userId': { role: 'viewer' },
  'POST /api/v1/workspaces/:workspaceId/invitations': { role: 'viewer' },
  'POST /api/v1/invitations/accept': { token: 'none' },
  'POST /api/v1/workspaces/:workspaceId/transfer': { userId: 'nobody' },
};
const UPGRADE = {
  upgrade: 'websocket',
  'sec-websocket-protocol': 'alex.v1, alex.ticket.none',
};

/** A request to a route about a session or a workspace. Path parameters that are not given name things that are not there. */
export function requestTo(
  route: string,
  { id, workspaceId = 'w_none' }: { id: string; workspaceId?: string },
): { path: string; method: string; body?: unknown; headers?: Record<string, string> } {
  const [method = '', pattern = ''] = route.split(' ');
  const filled = pattern
    .replace(':id', id)
    .replace(':userId', 'nobody')
    .replace(':linkId', 'AAAAAAAAAAAA')
    .replace(':channel', '99')
    .replace(':hostId', 'no-such-host')
    .replace(':workspaceId', workspaceId)
    .replace(':keyId', 'A'.repeat(16))
    .replace(/:[a-zA-Z]+/, 'none');
  const path = filled.endsWith('/terminal') ? `${filled}?session=${id}` : filled;
  const body = BODIES[route];
  const door = pattern.startsWith('/ws/') || pattern.startsWith('/host/');
  return { path, method, ...(body === undefined ? {} : { body }), ...(door ? { headers: UPGRADE } : {}) };
}
