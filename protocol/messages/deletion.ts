import { z } from 'zod';

/** What is deleted with everything that belongs to it. */
export const DeletedKind = z.enum(['account', 'workspace']);
export type DeletedKind = z.infer<typeof DeletedKind>;

/** The secret by which a deletion is asked after: whoever is deleted cannot sign in to do so. */
export const DeletionToken = z.string().regex(/^[A-Za-z0-9_-]{43}$/);

/**
 * How far a deletion is. `done`: nothing under this token is being deleted, because nothing of it is left, or because
 * there was no such deletion; which of the two nothing is left to tell.
 */
export const DeletionProgress = z.discriminatedUnion('state', [
  z.object({
    state: z.literal('going'),
    startedAt: z.iso.datetime(),
    /** What it is at. */
    doing: z.enum(['workspaces', 'sessions', 'members', 'keys', 'audit', 'directory']),
    sessionsLeft: z.int(),
  }),
  z.object({ state: z.literal('done') }),
]);
export type DeletionProgress = z.infer<typeof DeletionProgress>;

/** A deletion that has begun. */
export const Deletion = z.object({
  of: DeletedKind,
  id: z.string(),
  token: DeletionToken,
  startedAt: z.iso.datetime(),
});
export type Deletion = z.infer<typeof Deletion>;
