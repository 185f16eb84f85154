/** What a session's sandbox was last seen to use: CPU time since it was made, and its files. */
export interface SessionUsage {
  cpuMs: number;
  diskBytes: number;
}
