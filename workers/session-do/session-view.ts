import type { HostLink, Member, Role, SessionInfo, TerminalInfo } from '../../protocol/messages/session.ts';
import type { ShareLink } from '../../protocol/messages/share-link.ts';
import type { JsonObject } from '../../protocol/sync/json.ts';
import { withoutNulls } from '../../protocol/sync/merge-patch.ts';
import type { SharedState } from '../../protocol/sync/shared-state.ts';
import type { DirectorySession } from '../shared/directory/sessions.ts';
import type { SessionIndexRow } from '../shared/rpc.ts';
import type { ActiveMember } from './member-repository.ts';
import type { MemberRow, SessionRow, ShareLinkRow, TerminalRow } from './schema.ts';

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
    ...toSessionFacts(row),
    lastAccessedAt: iso(lastAccessedAtMs),
    expiresAt: iso(lastAccessedAtMs + row.ttlMs),
    terminals: terminals.map(toTerminalInfo),
    version: row.lastSeq,
  };
}

/** What does not change by mere use. */
function toSessionFacts(row: SessionRow): SharedState['session'] {
  return {
    id: row.id,
    name: row.name,
    ownerId: row.ownerId,
    workspaceId: row.workspaceId,
    region: row.region,
    status: row.status,
    createdAt: iso(row.createdAtMs),
    ttlMs: row.ttlMs,
    idleTimeoutMs: row.idleTimeoutMs,
    messageCount: row.messageCount,
    activeTools: row.activeTools,
    resources: {
      cpuMs: row.cpuMs,
      memoryBytes: row.memoryBytes,
      diskBytes: row.diskBytes,
      processes: row.processes,
      sampledAt: row.sampledAtMs === null ? null : iso(row.sampledAtMs),
    },
  };
}

/** The shared state: the same rows as everybody is to see them (protocol/sync/shared-state.ts). */
export function toDocument(row: SessionRow, terminals: TerminalRow[], members: ActiveMember[]): JsonObject {
  const state: SharedState = {
    session: toSessionFacts(row),
    host: toHostLink(row),
    terminals: Object.fromEntries(terminals.map((each) => [each.channel, toTerminalInfo(each)])),
    members: Object.fromEntries(members.map((each) => [each.userId, toMember(each)])),
  };
  // Without its undefined members it is JSON, which its type cannot say.
  return withoutNulls(state as unknown as JsonObject);
}

export function toMember(row: ActiveMember): Member {
  const { userId, displayName, role, addedAtMs, linkId } = row;
  return { userId, displayName, role, addedAt: iso(addedAtMs), linkId };
}

export function toShareLink(row: ShareLinkRow): ShareLink {
  const { id, role, signedInOnly, createdBy, createdAtMs, expiresAtMs, uses, maxUses, revokedAtMs } = row;
  return {
    ...{ id, role, signedInOnly, createdBy, uses, maxUses },
    createdAt: iso(createdAtMs),
    expiresAt: iso(expiresAtMs),
    revokedAt: revokedAtMs === null ? null : iso(revokedAtMs),
  };
}

function toHostLink(row: SessionRow): HostLink {
  return { state: row.hostState, hostId: row.hostId, epoch: row.epoch, message: row.hostMessage };
}

/** For the list of a member, who has this role. */
export function toIndexRow(row: SessionRow, member: MemberRow, role: Role): SessionIndexRow {
  return {
    id: row.id,
    name: row.name,
    status: row.status,
    region: row.region,
    workspaceId: row.workspaceId,
    listedIn: member.outside ? member.userId : row.workspaceId,
    role,
    createdAt: iso(row.createdAtMs),
    lastAccessedAt: iso(row.lastAccessedAtMs),
  };
}

export function toDirectoryRow(row: SessionRow, nowMs: number): DirectorySession {
  const { id, ownerId, workspaceId, status, region, deleted } = row;
  return {
    ...{ id, ownerId, workspaceId, status, region },
    createdAt: iso(row.createdAtMs),
    lastAccessedAt: iso(row.lastAccessedAtMs),
    deletedAt: deleted ? iso(nowMs) : null,
  };
}

function iso(ms: number): string {
  return new Date(ms).toISOString();
}
