import type { SessionEvent } from '../../protocol/messages/session.ts';
import { may } from '../shared/policy/session-actions.ts';
import type { Identity, SessionExportPart } from '../shared/rpc.ts';
import { EVENTS_PAGE } from './limits.ts';
import type { Parts } from './parts.ts';
import { toMember, toSessionInfo, toShareLink } from './session-view.ts';

/**
 * A part of everything held of a session, as far as `who` may know it: first the record, members and links, then every event
 * kept, after `after`.
 */
export function exportPart(parts: Parts, who: Identity, after: number | null): SessionExportPart {
  const { records, terminalRows, memberRows, shareLinkRows, events, lifecycle } = parts;
  const first = after === null;
  // What the log dropped meanwhile is passed over.
  const from = Math.max(after ?? 0, events.oldest - 1);
  const page: SessionEvent[] = events.since(from, EVENTS_PAGE) ?? [];
  const last = page.at(-1)?.version ?? from;
  return {
    session: first ? toSessionInfo(records.row, terminalRows.all(), lifecycle.lastActivityMs) : null,
    members: first ? memberRows.active().map(toMember) : [],
    shareLinks: first && seesLinks(parts, who) ? shareLinkRows.all().map(toShareLink) : [],
    events: page,
    next: page.length > 0 && last < events.current.version ? last : null,
  };
}

/** Links are for owners: of the session, or of the workspace that is exported. */
function seesLinks({ memberRows, records }: Parts, who: Identity): boolean {
  const ownsWorkspace = who.workspaceRole === 'owner' && who.workspaceId === records.row.workspaceId;
  return ownsWorkspace || may(memberRows.get(who.userId)?.role ?? null, 'rpc.listShareLinks');
}
