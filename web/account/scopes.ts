import type { Scope } from '../../protocol/messages/scopes.ts';

/** What a scope of an API key is good for, in words. */
export const SCOPE_WORDS: Readonly<Record<Scope, string>> = {
  'sessions:read': 'See sessions and what happens in them; watch their terminals',
  'sessions:write': 'Make, rename, share and delete sessions',
  'terminals:write': 'Open and close terminals and type into them',
  'workspace:read': 'See the workspace, its members, invitations and use',
  'workspace:write': 'Change them',
  'audit:read': 'Read and export the audit log',
  operator: 'Hosts and metrics of this deployment, for its operators',
};

const DAY_MS = 24 * 3_600_000;

/** How long a key may be good, to choose from. Milliseconds as text, or `never` ends, and words. */
export const KEY_LIVES = [
  [String(7 * DAY_MS), '7 days'],
  [String(30 * DAY_MS), '30 days'],
  [String(90 * DAY_MS), '90 days'],
  [String(365 * DAY_MS), '1 year'],
  ['never', 'No end'],
] as const;
export type KeyLife = (typeof KEY_LIVES)[number][0];
