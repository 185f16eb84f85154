import { z } from 'zod';
import { nameOf } from './name.ts';
import { UserId } from './session.ts';

/**
 * What somebody may do in a workspace: owners transfer and delete it, admins manage members and settings, members make
 * sessions, viewers see what is shared with them.
 */
export const WorkspaceRole = z.enum(['owner', 'admin', 'member', 'viewer']);
export type WorkspaceRole = z.infer<typeof WorkspaceRole>;

/** `personal`: of one person, with that person's id; it is there from the first use. `team`: made, and shared. */
export const WorkspaceKind = z.enum(['personal', 'team']);
export type WorkspaceKind = z.infer<typeof WorkspaceKind>;

/** Of a personal workspace the id of its person; of a team's `w_` and 22 url-safe characters (128 random bits). */
export const WorkspaceId = UserId;

/** A name has no control characters: it is shown in terminals too. */
export const WorkspaceName = nameOf(100);

/** A workspace as somebody who is in it sees it. */
export const Workspace = z.object({
  id: WorkspaceId,
  name: z.string(),
  kind: WorkspaceKind,
  /** Of whoever asks. */
  role: WorkspaceRole,
  createdAt: z.iso.datetime(),
});
export type Workspace = z.infer<typeof Workspace>;

/** Somebody who is in a workspace. */
export const WorkspaceMember = z.object({
  userId: UserId,
  /** Null until they have been here. */
  displayName: z.string().nullable(),
  role: WorkspaceRole,
  addedAt: z.iso.datetime(),
});
export type WorkspaceMember = z.infer<typeof WorkspaceMember>;
