/** What a session's sandbox was last seen to use: CPU time since it was made, and its files. */
export interface SessionUsage {
  cpuMs: number;
  diskBytes: number;
}

/** What is used of what a workspace may use. Null: no limit. Times, CPU time and spend are of the month (UTC). */
export interface WorkspaceUsage {
  month: string;
  limits: {
    userSessions: number;
    workspaceSessions: number;
    storageBytes: number | null;
    usdPerMonth: number | null;
  };
  used: {
    userSessions: number;
    workspaceSessions: number;
    storageBytes: number;
    sandboxMs: number;
    cpuMs: number;
    spendUsd: number;
  };
}
