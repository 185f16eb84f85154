import { z } from 'zod';

/**
 * What somebody may do in a workspace: owners transfer and delete it, admins manage members and settings, members make
 * sessions, viewers see what is shared with them.
 */
export const WorkspaceRole = z.enum(['owner', 'admin', 'member', 'viewer']);
export type WorkspaceRole = z.infer<typeof WorkspaceRole>;
