import type { Scope } from '../../../protocol/messages/scopes.ts';

/** What requests are about. */
export type Resource =
  | 'Account'
  | 'Device'
  | 'ApiKey'
  | 'Session'
  | 'Terminal'
  | 'Workspace'
  | 'Member'
  | 'Invitation'
  | 'AccessPolicy'
  | 'Usage'
  | 'Audit'
  | 'Host'
  | 'Metrics';
export type Action = 'read' | 'create' | 'update' | 'delete' | 'transfer' | 'leave' | 'export';

/** Which workspace a request has to stand in: the current one, the one its path names, or none at all. */
export type Where = 'current' | 'path' | 'nowhere';

/** A request to be decided upon. What is about one session or key is decided again, by that thing's own actor. */
export interface AccessRule {
  action: Action;
  resource: Resource;
  /** The scope an API key needs; null: no key can. */
  scope: Scope | null;
  where: Where;
  /** A workspace may ask for a fresh sign-in. */
  sensitive: boolean;
}
