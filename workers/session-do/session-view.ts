import type { HostLink, Role, SessionInfo, TerminalInfo } from '../../protocol/messages/session.ts';
import type { SessionIndexRow } from '../shared/rpc.ts';
import type { SessionRow, TerminalRow } from './schema.ts';

/** How rows look to clients. Pure. */

export function toTerminalInfo(row: TerminalRow): TerminalInfo {
  const { channel, title, cols, rows, state, createdAtMs, exit } = row;
  return { channel, title, cols, rows, state, createdAt: iso(createdAtMs), exit };
}

/** `lastAccessedAtMs`: the time in memory, which may be newer than the stored one. */
export function toSessionInfo(
  row: SessionRow,
  terminals: TerminalRow[],
  lastAccessedAtMs: number,
): SessionInfo {
  return {
    id: row.id,
    name: row.name,
    ownerId: row.ownerId,
    workspaceId: row.workspaceId,
    region: row.region,
    status: row.status,
    createdAt: iso(row.createdAtMs),
    lastAccessedAt: iso(lastAccessedAtMs),
    expiresAt: iso(lastAccessedAtMs + row.ttlMs),
    ttlMs: row.ttlMs,
    idleTimeoutMs: row.idleTimeoutMs,
    messageCount: row.messageCount,
    activeTools: row.activeTools,
    terminals: terminals.map(toTerminalInfo),
    resources: {
      cpuMs: row.cpuMs,
      memoryBytes: row.memoryBytes,
      diskBytes: row.diskBytes,
      processes: row.processes,
      sampledAt: row.sampledAtMs === null ? null : iso(row.sampledAtMs),
    },
    version: row.lastSeq,
  };
}

export function toHostLink(row: SessionRow): HostLink {
  return { state: row.hostState, hostId: row.hostId, epoch: row.epoch, message: row.hostMessage };
}

/** `role`: of the member whose list it is for. */
export function toIndexRow(row: SessionRow, role: Role): SessionIndexRow {
  return {
    id: row.id,
    name: row.name,
    status: row.status,
    region: row.region,
    role,
    createdAt: iso(row.createdAtMs),
    lastAccessedAt: iso(row.lastAccessedAtMs),
  };
}

function iso(ms: number): string {
  return new Date(ms).toISOString();
}
