/**
 * Who may use which route, written down by hand from what the product promises and not from the rules, so that either
 * can be wrong. Roles are those of the session for what is about one, of the workspace otherwise.
 */
export interface Expectation {
  /**
   * `public`: whoever asks. `door`: a WebSocket, by ticket or host token. `anybody`: whoever is signed in. `operator`:
   * operators. Lists of roles: in the session, or in the current workspace.
   */
  who:
    | 'public'
    | 'door'
    | 'anybody'
    | 'operator'
    | { session: readonly SessionCaller[] }
    | { workspace: readonly ('owner' | 'admin' | 'member' | 'viewer')[] };
  /** The one scope that lets an API key; null: none does. Absent for what needs no identity. */
  scope?: string | null;
}
export const SESSION_CALLERS = ['owner', 'editor', 'viewer', 'steward'] as const;
/** A role in the session; `steward`: an owner of its workspace who is no member. */
export type SessionCaller = (typeof SESSION_CALLERS)[number];

const members = { session: ['owner', 'editor', 'viewer'] } as const;
const writers = { session: ['owner', 'editor'] } as const;

const everybodyInIt = { workspace: ['owner', 'admin', 'member', 'viewer'] } as const;
const managers = { workspace: ['owner', 'admin'] } as const;

export const EXPECTATIONS: Readonly<Record<string, Expectation>> = {
  'GET /healthz': { who: 'public' },
  'GET /docs': { who: 'public' },
  'GET /docs/': { who: 'public' },
  'GET /docs/start.js': { who: 'public' },
  'GET /docs-assets/:file': { who: 'public' },
  'GET /sign-in': { who: 'public' },
  'GET /api/v1/openapi.json': { who: 'public' },
  'GET /.well-known/jwks.json': { who: 'public' },
  'GET /.well-known/audit-keys.json': { who: 'public' },
  'POST /api/v1/auth/sign-in': { who: 'public' },
  'POST /api/v1/auth/sign-out': { who: 'public' },
  'POST /api/v1/auth/refresh': { who: 'public' },
  'POST /api/v1/auth/device-codes': { who: 'public' },
  'POST /api/v1/auth/device-tokens': { who: 'public' },
  'GET /api/v1/auth/device-codes/:userCode': { who: 'anybody', scope: null },
  'POST /api/v1/auth/device-codes/:userCode': { who: 'anybody', scope: null },
  'GET /api/v1/auth/providers': { who: 'public' },
  'GET /api/v1/auth/oidc/:provider/start': { who: 'public' },
  'GET /api/v1/auth/oidc/:provider/callback': { who: 'public' },
  'GET /api/v1/auth/me': { who: 'anybody', scope: 'sessions:read' },
  'POST /api/v1/auth/sign-in-links': { who: 'anybody', scope: null },
  'GET /api/v1/auth/devices': { who: 'anybody', scope: null },
  'DELETE /api/v1/auth/devices/:id': { who: 'anybody', scope: null },
  'POST /api/v1/auth/sign-out-everywhere': { who: 'anybody', scope: null },
  'GET /api/v1/keys': { who: 'anybody', scope: null },
  'POST /api/v1/keys': { who: 'anybody', scope: null },
  'DELETE /api/v1/keys/:keyId': { who: 'anybody', scope: null },
  'GET /api/v1/sessions': { who: 'anybody', scope: 'sessions:read' },
  'POST /api/v1/sessions': { who: { workspace: ['owner', 'admin', 'member'] }, scope: 'sessions:write' },
  'GET /api/v1/sessions/:id': {
    who: { session: ['owner', 'editor', 'viewer', 'steward'] },
    scope: 'sessions:read',
  },
  'PATCH /api/v1/sessions/:id': { who: writers, scope: 'sessions:write' },
  'DELETE /api/v1/sessions/:id': { who: { session: ['owner', 'steward'] }, scope: 'sessions:write' },
  'GET /api/v1/sessions/:id/events': { who: members, scope: 'sessions:read' },
  'GET /api/v1/sessions/:id/state': { who: members, scope: 'sessions:read' },
  'GET /api/v1/sessions/:id/participants': { who: members, scope: 'sessions:read' },
  'GET /api/v1/sessions/:id/members': {
    who: { session: ['owner', 'editor', 'viewer', 'steward'] },
    scope: 'sessions:read',
  },
  'PUT /api/v1/sessions/:id/members/:userId': { who: { session: ['owner'] }, scope: 'sessions:write' },
  'DELETE /api/v1/sessions/:id/members/:userId': { who: { session: ['owner'] }, scope: 'sessions:write' },
  'GET /api/v1/sessions/:id/share-links': { who: { session: ['owner'] }, scope: 'sessions:write' },
  'POST /api/v1/sessions/:id/share-links': { who: { session: ['owner'] }, scope: 'sessions:write' },
  'DELETE /api/v1/sessions/:id/share-links/:linkId': { who: { session: ['owner'] }, scope: 'sessions:write' },
  'POST /api/v1/sessions/:id/transfer': { who: { session: ['owner'] }, scope: null },
  'POST /api/v1/share-links/redeem': { who: 'public' },
  'POST /api/v1/sessions/:id/tickets': { who: members, scope: 'sessions:read' },
  'GET /api/v1/sessions/:id/terminals': { who: members, scope: 'sessions:read' },
  'POST /api/v1/sessions/:id/terminals': { who: writers, scope: 'terminals:write' },
  'DELETE /api/v1/sessions/:id/terminals/:channel': { who: writers, scope: 'terminals:write' },
  'GET /api/v1/terminal': { who: members, scope: 'sessions:read' },
  'POST /api/v1/terminal': { who: writers, scope: 'terminals:write' },
  'GET /api/v1/usage': { who: everybodyInIt, scope: 'workspace:read' },
  'GET /api/v1/workspaces': { who: 'anybody', scope: 'workspace:read' },
  'POST /api/v1/workspaces': { who: 'anybody', scope: null },
  'GET /api/v1/workspaces/:workspaceId': { who: everybodyInIt, scope: 'workspace:read' },
  'PATCH /api/v1/workspaces/:workspaceId': { who: managers, scope: 'workspace:write' },
  'GET /api/v1/workspaces/:workspaceId/members': { who: everybodyInIt, scope: 'workspace:read' },
  'PUT /api/v1/workspaces/:workspaceId/members/:userId': { who: managers, scope: 'workspace:write' },
  // Managers take others off, everybody themselves; the workspace's actor tells the one from the other.
  'DELETE /api/v1/workspaces/:workspaceId/members/:userId': { who: everybodyInIt, scope: 'workspace:write' },
  'POST /api/v1/workspaces/:workspaceId/transfer': { who: { workspace: ['owner'] }, scope: null },
  'GET /api/v1/workspaces/:workspaceId/invitations': { who: managers, scope: 'workspace:read' },
  'POST /api/v1/workspaces/:workspaceId/invitations': { who: managers, scope: 'workspace:write' },
  'DELETE /api/v1/workspaces/:workspaceId/invitations/:invitationId': {
    who: managers,
    scope: 'workspace:write',
  },
  'POST /api/v1/invitations/accept': { who: 'anybody', scope: null },
  'GET /api/v1/workspaces/:workspaceId/policy': { who: managers, scope: 'workspace:read' },
  'PUT /api/v1/workspaces/:workspaceId/policy': { who: managers, scope: null },
  'GET /api/v1/workspaces/:workspaceId/export': { who: { workspace: ['owner'] }, scope: null },
  'DELETE /api/v1/workspaces/:workspaceId': { who: { workspace: ['owner'] }, scope: null },
  'GET /api/v1/account': { who: 'anybody', scope: null },
  'PATCH /api/v1/account': { who: 'anybody', scope: null },
  'GET /api/v1/account/export': { who: 'anybody', scope: null },
  'DELETE /api/v1/account': { who: 'anybody', scope: null },
  'POST /api/v1/deletions/status': { who: 'public' },
  'GET /ws/v1/sessions/:id': { who: 'door' },
  'GET /ws/v1/terminal': { who: 'door' },
  'GET /host/v1/sessions/:id': { who: 'door' },
  'GET /host/v1/control': { who: 'door' },
  'GET /api/v1/audit': { who: managers, scope: 'audit:read' },
  'GET /api/v1/audit/export': { who: managers, scope: 'audit:read' },
  'GET /api/v1/hosts': { who: 'operator', scope: 'operator' },
  'POST /api/v1/hosts/:hostId/drain': { who: 'operator', scope: 'operator' },
  'GET /metrics': { who: 'operator', scope: 'operator' },
};
