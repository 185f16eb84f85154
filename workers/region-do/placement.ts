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

/** What of a session is where. */
export interface Belongings {
  /** The host with its sandbox, as far as known; null when no host has one. */
  holderId: string | null;
  /** The host with its workspace, where its sandbox was last; null when there is none yet. */
  preferHostId: string | null;
}

/** Whether a host may get a session that has nothing there. */
export function canTake(host: Candidate): boolean {
  return host.healthy && !host.draining && host.sessions < host.capacity;
}

/**
 * Hosts in the order in which to try them. First the one that has the sandbox, even when it drains: that one is to lose
 * no shell, it only takes no new sandbox. Then the preferred one; it may be full, because what the session has there may
 * count among its sessions. Then by share of capacity used, then CPU load, then name, so that the order is the same for
 * the same state.
 */
export function rankHosts(hosts: readonly Candidate[], { holderId, preferHostId }: Belongings): Candidate[] {
  const holder = hosts.filter((host) => host.hostId === holderId && host.healthy);
  const preferred = hosts.filter(
    (host) => host.hostId === preferHostId && host.hostId !== holderId && host.healthy && !host.draining,
  );
  const others = hosts
    .filter((host) => host.hostId !== preferHostId && host.hostId !== holderId && canTake(host))
    .sort(
      (a, b) =>
        a.sessions / a.capacity - b.sessions / b.capacity ||
        a.cpuLoad - b.cpuLoad ||
        (a.hostId < b.hostId ? -1 : 1),
    );
  return [...holder, ...preferred, ...others];
}
