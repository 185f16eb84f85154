/** What placement needs to know of a host. */
export interface Candidate {
  hostId: string;
  healthy: boolean;
  draining: boolean;
  /** Sessions it has, with those placed since it last said so. */
  sessions: number;
  capacity: number;
  /** CPU load from 0 to 1, as the host reports it. */
  cpuLoad: number;
}

/** Whether a host may get a session. */
export function canTake(host: Candidate): boolean {
  return host.healthy && !host.draining && host.sessions < host.capacity;
}

/**
 * Hosts in the order in which to try them: the preferred one first (it has the workspace), then by share of capacity
 * used, then CPU load, then name, so that the order is the same for the same state. A preferred host that is full is
 * still first: its sandbox is there already and counts among its sessions.
 */
export function rankHosts(hosts: readonly Candidate[], preferHostId: string | null): Candidate[] {
  const preferred = hosts.filter((host) => host.hostId === preferHostId && host.healthy && !host.draining);
  const others = hosts
    .filter((host) => host.hostId !== preferHostId && canTake(host))
    .sort(
      (a, b) =>
        a.sessions / a.capacity - b.sessions / b.capacity ||
        a.cpuLoad - b.cpuLoad ||
        (a.hostId < b.hostId ? -1 : 1),
    );
  return [...preferred, ...others];
}
