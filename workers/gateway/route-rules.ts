import type { Scope } from '../../protocol/messages/scopes.ts';
import type { AccessRule, Action, Resource, Where } from '../shared/policy/rules.ts';
import { SOCKET_RULE } from '../shared/policy/socket-access.ts';

/**
 * `anyone`: no identity is needed. `ticket`, `host`: a WebSocket door, where the actor spends a ticket, or the host
 * proves itself. Everything else is decided by the policy.
 */
export type RouteRule = 'anyone' | 'ticket' | 'host' | AccessRule;

const to = (action: Action, resource: Resource, scope: Scope | null, where: Where): AccessRule => ({
  ...{ action, resource, scope, where, sensitive: false },
});
const sensitive = (rule: AccessRule): AccessRule => ({ ...rule, sensitive: true });

const see = to('read', 'Session', 'sessions:read', 'current');
const share = sensitive(to('update', 'Session', 'sessions:write', 'current'));
const change = to('update', 'Session', 'sessions:write', 'current');
const inIt = (action: Action, resource: Resource, scope: Scope | null) => to(action, resource, scope, 'path');
const type = (action: Action) => to(action, 'Terminal', 'terminals:write', 'current');

/**
 * The rule of every route, by method and path as they are declared. A route that is not here nobody may use, and a test
 * fails. What a rule allows is decided again by the actor it leads to.
 */
export const ROUTE_RULES: Readonly<Record<string, RouteRule>> = {
  // Pages, descriptions, liveness.
  'GET /healthz': 'anyone',
  'GET /docs': 'anyone',
  'GET /docs/': 'anyone',
  'GET /docs/start.js': 'anyone',
  'GET /docs-assets/:file': 'anyone',
  'GET /sign-in': 'anyone',
  'GET /api/v1/openapi.json': 'anyone',
  'GET /.well-known/jwks.json': 'anyone',
  'GET /.well-known/audit-keys.json': 'anyone',

  // Oneself.
  'POST /api/v1/auth/sign-in': 'anyone',
  'POST /api/v1/auth/sign-out': 'anyone',
  'POST /api/v1/auth/refresh': 'anyone',
  'POST /api/v1/auth/device-codes': 'anyone',
  'POST /api/v1/auth/device-tokens': 'anyone',
  'GET /api/v1/auth/device-codes/:userCode': to('read', 'Device', null, 'nowhere'),
  'POST /api/v1/auth/device-codes/:userCode': sensitive(to('create', 'Device', null, 'nowhere')),
  'GET /api/v1/auth/providers': 'anyone',
  'GET /api/v1/auth/oidc/:provider/start': 'anyone',
  'GET /api/v1/auth/oidc/:provider/callback': 'anyone',
  'GET /api/v1/auth/me': to('read', 'Account', 'sessions:read', 'nowhere'),
  'GET /api/v1/account': to('read', 'Account', null, 'nowhere'),
  'PATCH /api/v1/account': to('update', 'Account', null, 'nowhere'),
  'POST /api/v1/auth/sign-in-links': sensitive(to('create', 'Device', null, 'nowhere')),
  'GET /api/v1/auth/devices': to('read', 'Device', null, 'nowhere'),
  'DELETE /api/v1/auth/devices/:id': to('delete', 'Device', null, 'nowhere'),
  'POST /api/v1/auth/sign-out-everywhere': to('delete', 'Device', null, 'nowhere'),

  'GET /api/v1/keys': to('read', 'ApiKey', null, 'nowhere'),
  'POST /api/v1/keys': sensitive(to('create', 'ApiKey', null, 'current')),
  'DELETE /api/v1/keys/:keyId': to('delete', 'ApiKey', null, 'nowhere'),

  // Sessions.
  'GET /api/v1/sessions': see,
  'POST /api/v1/sessions': to('create', 'Session', 'sessions:write', 'current'),
  'GET /api/v1/sessions/:id': see,
  'PATCH /api/v1/sessions/:id': change,
  'DELETE /api/v1/sessions/:id': sensitive(to('delete', 'Session', 'sessions:write', 'current')),
  'GET /api/v1/sessions/:id/events': see,
  'GET /api/v1/sessions/:id/state': see,
  'GET /api/v1/sessions/:id/participants': see,
  'GET /api/v1/sessions/:id/members': see,
  'PUT /api/v1/sessions/:id/members/:userId': share,
  'DELETE /api/v1/sessions/:id/members/:userId': share,
  'GET /api/v1/sessions/:id/share-links': share,
  'POST /api/v1/sessions/:id/share-links': share,
  'DELETE /api/v1/sessions/:id/share-links/:linkId': share,
  'POST /api/v1/sessions/:id/transfer': sensitive(to('transfer', 'Session', null, 'current')),
  // The secret counts: whoever has it may not be signed in.
  'POST /api/v1/share-links/redeem': 'anyone',
  'POST /api/v1/sessions/:id/tickets': SOCKET_RULE,
  'GET /api/v1/sessions/:id/terminals': see,
  'POST /api/v1/sessions/:id/terminals': type('create'),
  'DELETE /api/v1/sessions/:id/terminals/:channel': type('delete'),
  'GET /api/v1/terminal': see,
  'POST /api/v1/terminal': type('create'),

  // Workspaces.
  'GET /api/v1/usage': to('read', 'Usage', 'workspace:read', 'current'),
  'GET /api/v1/workspaces': to('read', 'Account', 'workspace:read', 'nowhere'),
  'POST /api/v1/workspaces': to('create', 'Workspace', null, 'nowhere'),
  'GET /api/v1/workspaces/:workspaceId': inIt('read', 'Workspace', 'workspace:read'),
  'PATCH /api/v1/workspaces/:workspaceId': inIt('update', 'Workspace', 'workspace:write'),
  'GET /api/v1/workspaces/:workspaceId/members': inIt('read', 'Member', 'workspace:read'),
  'PUT /api/v1/workspaces/:workspaceId/members/:userId': sensitive(
    inIt('update', 'Member', 'workspace:write'),
  ),
  // Everybody may take themselves off.
  'DELETE /api/v1/workspaces/:workspaceId/members/:userId': sensitive(
    inIt('leave', 'Workspace', 'workspace:write'),
  ),
  'POST /api/v1/workspaces/:workspaceId/transfer': sensitive(inIt('transfer', 'Workspace', null)),

  'GET /api/v1/workspaces/:workspaceId/invitations': inIt('read', 'Invitation', 'workspace:read'),
  'POST /api/v1/workspaces/:workspaceId/invitations': sensitive(
    inIt('create', 'Invitation', 'workspace:write'),
  ),
  'DELETE /api/v1/workspaces/:workspaceId/invitations/:invitationId': inIt(
    'delete',
    'Invitation',
    'workspace:write',
  ),
  'POST /api/v1/invitations/accept': to('update', 'Account', null, 'nowhere'),

  // The audit log. That of the deployment is for operators, as its actor says.
  'GET /api/v1/audit': to('read', 'Audit', 'audit:read', 'current'),
  'GET /api/v1/audit/export': sensitive(to('read', 'Audit', 'audit:read', 'current')),

  'GET /api/v1/workspaces/:workspaceId/policy': inIt('read', 'AccessPolicy', 'workspace:read'),
  'PUT /api/v1/workspaces/:workspaceId/policy': sensitive(inIt('update', 'AccessPolicy', null)),
  // Taking everything along, and the end.
  'GET /api/v1/workspaces/:workspaceId/export': sensitive(inIt('export', 'Workspace', null)),
  'DELETE /api/v1/workspaces/:workspaceId': sensitive(inIt('delete', 'Workspace', null)),
  'GET /api/v1/account/export': sensitive(to('export', 'Account', null, 'nowhere')),
  'DELETE /api/v1/account': sensitive(to('delete', 'Account', null, 'nowhere')),
  // By the secret of a deletion: whoever is deleted cannot sign in.
  'POST /api/v1/deletions/status': 'anyone',

  // WebSockets.
  'GET /ws/v1/sessions/:id': 'ticket',
  'GET /ws/v1/terminal': 'ticket',
  'GET /host/v1/sessions/:id': 'ticket',
  'GET /host/v1/control': 'host',

  // The deployment.
  'GET /api/v1/hosts': to('read', 'Host', 'operator', 'nowhere'),
  'POST /api/v1/hosts/:hostId/drain': sensitive(to('update', 'Host', 'operator', 'nowhere')),
  'GET /metrics': to('read', 'Metrics', 'operator', 'nowhere'),
};

const RULES = new Map(Object.entries(ROUTE_RULES));

/** The rule of a declared route. Undefined: nobody may. */
export function ruleOf(method: string, path: string): RouteRule | undefined {
  return RULES.get(`${method} ${path}`);
}
