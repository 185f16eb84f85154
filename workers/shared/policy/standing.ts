import type { AccessPolicy } from '../../../protocol/messages/access-policy.ts';
import type { WorkspaceRole } from '../../../protocol/messages/workspace.ts';

/** How somebody stands in a workspace, and what the workspace asks of their requests. */
export interface WorkspaceStanding {
  /** Null: they are not in it, or there is none; which of the two is not told. */
  role: WorkspaceRole | null;
  policy: AccessPolicy;
}
