import { z } from 'zod';

/**
 * What an API key may be good for. A key is never good for more than its owner may do at that moment, and what is
 * under no scope (keys, devices, accounts) no key can do.
 */
export const Scope = z.enum([
  /** See sessions and what happens in them; watch their terminals. */
  'sessions:read',
  /** Make, rename, share and delete sessions. */
  'sessions:write',
  /** Open and close terminals and type into them. */
  'terminals:write',
  /** See workspaces, their members, invitations and use. */
  'workspace:read',
  /** Change them. */
  'workspace:write',
  /** Read and export the audit log. */
  'audit:read',
  /** What only operators may: hosts and metrics. */
  'operator',
]);
export type Scope = z.infer<typeof Scope>;
