import { z } from 'zod';
import { MAX_USER_SESSIONS, MAX_WORKSPACE_SESSIONS } from '../../protocol/limits.ts';

const Variables = z.object({
  ALEX_MAX_USER_SESSIONS: z.coerce.number().int().positive().default(MAX_USER_SESSIONS),
  ALEX_MAX_WORKSPACE_SESSIONS: z.coerce.number().int().positive().default(MAX_WORKSPACE_SESSIONS),
  ALEX_WORKSPACE_STORAGE_BYTES: z.coerce.number().positive().optional(),
  ALEX_WORKSPACE_USD_PER_MONTH: z.coerce.number().positive().optional(),
  ALEX_SANDBOX_USD_PER_HOUR: z.coerce.number().nonnegative().default(0),
});

/** What a workspace may use. Null: as much as there is. */
export interface QuotaLimits {
  /** Sessions that are there at once, of one member and of all. */
  userSessions: number;
  workspaceSessions: number;
  storageBytes: number | null;
  usdPerMonth: number | null;
  /** What an hour of a running sandbox is counted as. */
  sandboxUsdPerHour: number;
}

/** The limits of this deployment. Throws when a variable is no number. */
export function quotaLimits(env: object): QuotaLimits {
  const variables = Variables.parse(env);
  return {
    userSessions: variables.ALEX_MAX_USER_SESSIONS,
    workspaceSessions: variables.ALEX_MAX_WORKSPACE_SESSIONS,
    storageBytes: variables.ALEX_WORKSPACE_STORAGE_BYTES ?? null,
    usdPerMonth: variables.ALEX_WORKSPACE_USD_PER_MONTH ?? null,
    sandboxUsdPerHour: variables.ALEX_SANDBOX_USD_PER_HOUR,
  };
}
