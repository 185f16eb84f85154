import { z } from 'zod';

/** Of what one member's sessions use, or those of all. Times, CPU time and spend are of the month. */
const Used = z.object({
  storageBytes: z.number(),
  ...{ sandboxMs: z.number(), cpuMs: z.number(), spendUsd: z.number() },
});

/** What is used of what a workspace may use. Null: no limit. */
export const WorkspaceUsage = z.object({
  /** What is counted by month is of this one (UTC), such as `2026-11`. */
  month: z.string(),
  /** When counting begins anew. */
  resetsAt: z.iso.datetime(),
  limits: z.object({
    ...{ userSessions: z.int(), workspaceSessions: z.int() },
    ...{ storageBytes: z.number().nullable(), usdPerMonth: z.number().nullable() },
  }),
  /** Of the whole workspace, but `userSessions`, which is of whoever asks. */
  used: Used.extend({ userSessions: z.int(), workspaceSessions: z.int() }),
  /** The part of whoever asks. */
  own: Used,
});
export type WorkspaceUsage = z.infer<typeof WorkspaceUsage>;

/** What is used of a workspace, and of what is counted for each person, wherever it is. */
export const Usage = WorkspaceUsage.extend({
  /** Connections to sessions that whoever asks has places for, in all workspaces. */
  sockets: z.object({ used: z.int(), limit: z.int() }),
});
export type Usage = z.infer<typeof Usage>;
