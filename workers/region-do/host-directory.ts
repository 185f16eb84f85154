import { hostKind } from '../shared/directory/hosts.ts';
import type { Parts } from './parts.ts';
import { summarizeHosts } from './summary.ts';

/** Tells the directory how a host is now; call after its row has changed, and arm the alarms afterwards. */
export function tellDirectory({ registry, sockets, directory }: Parts, hostId: string): void {
  const row = registry.host(hostId);
  const [host] = row === null ? [] : summarizeHosts([row], sockets);
  if (host === undefined) return;
  const { region, state, capacity, lastSeenAt } = host;
  directory.put(hostKind, { region, id: hostId, state, capacity, lastSeenAt });
}
