import type { HostSummary } from '../shared/rpc.ts';
import type { ControlSockets } from './control-sockets.ts';
import type { HostRow } from './registry.ts';

/** Every known host as operators see it. */
export function summarizeHosts(rows: readonly HostRow[], sockets: ControlSockets): HostSummary[] {
  const current = sockets.current();
  return rows.map((row) => {
    const host = current.get(row.hostId);
    return {
      hostId: row.hostId,
      region: row.region,
      state: hostState(row, host?.state.healthy),
      sessions: host === undefined ? 0 : host.state.sessions + host.state.placedSince,
      capacity: row.capacity,
      cpuLoad: host?.state.cpuLoad ?? 0,
      lastSeenAt: new Date(host === undefined ? row.lastSeenAtMs : sockets.lastSeenAtMs(host)).toISOString(),
    };
  });
}

/** `healthy` undefined: the host has no control socket. */
function hostState(row: HostRow, healthy: boolean | undefined): HostSummary['state'] {
  if (healthy === undefined) return 'lost';
  if (row.draining) return 'draining';
  return healthy ? 'healthy' : 'unhealthy';
}
