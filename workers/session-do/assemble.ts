import type { Env } from '../shared/env.ts';
import { createLogger } from '../shared/log.ts';
import { openKek } from '../shared/vault/configured-kek.ts';
import { Vault } from '../shared/vault/vault.ts';
import { SessionAudit } from './audit.ts';
import { ClientStreams } from './client-streams.ts';
import type { Database } from './database.ts';
import { EventLog } from './event-log.ts';
import { HostLink } from './host-link.ts';
import { Keys } from './keys.ts';
import { Lifecycle } from './lifecycle.ts';
import { MemberRepository } from './member-repository.ts';
import { Members } from './members.ts';
import { Participants } from './participants.ts';
import type { Parts } from './parts.ts';
import { Placement } from './placement.ts';
import { Presence } from './presence.ts';
import { RecordRepository } from './record-repository.ts';
import { Rest } from './rest.ts';
import { SessionIndex } from './session-index.ts';
import { toDocument } from './session-view.ts';
import { ShareLinkRows } from './share-link-rows.ts';
import { ShareLinks } from './share-links.ts';
import { Sizing } from './sizing.ts';
import { SocketPlaces } from './socket-places.ts';
import { TerminalHub } from './terminal-hub.ts';
import { TerminalRepository } from './terminal-repository.ts';
import { Terminals } from './terminals.ts';
import { Tickets } from './tickets.ts';
import { Timers } from './timers.ts';
import { ViewerAccess } from './viewer-access.ts';

/** Makes the units of one session and lets them know each other. Touches neither storage nor sockets. */
export function assemble(ctx: DurableObjectState, env: Env, database: Database): Parts {
  const vault = new Vault(ctx.storage.sql, openKek(env));
  const events = new EventLog(database, vault);
  const terminalRows = new TerminalRepository(database, vault);
  const memberRows = new MemberRepository(database, vault);
  const records: RecordRepository = new RecordRepository(database, vault, events, () =>
    toDocument(records.row, terminalRows.all(), memberRows.active()),
  );
  // Units keep this object and look each other up in it when called, by which time it is complete.
  const parts = {} as { -readonly [Name in keyof Parts]: Parts[Name] };
  records.onEvent = (event) => parts.participants.broadcast({ type: 'event', event });
  return Object.assign(parts, {
    ctx,
    env,
    log: createLogger('session', { sessionId: ctx.id.name }),
    vault,
    keys: new Keys(parts),
    records,
    events,
    terminalRows,
    memberRows,
    tickets: new Tickets(database, vault),
    streams: new ClientStreams(database, records),
    timers: new Timers(database, ctx.storage),
    host: new HostLink((ws) => ctx.getWebSocketAutoResponseTimestamp(ws)),
    participants: new Participants(parts),
    access: new ViewerAccess(parts),
    places: new SocketPlaces(parts, database),
    hub: new TerminalHub(parts),
    terminals: new Terminals(parts),
    members: new Members(parts),
    shareLinkRows: new ShareLinkRows(database),
    shareLinks: new ShareLinks(parts),
    presence: new Presence(parts),
    sizing: new Sizing(parts),
    placement: new Placement(parts),
    rest: new Rest(parts),
    lifecycle: new Lifecycle(parts),
    index: new SessionIndex(parts),
    audit: new SessionAudit(parts, ctx.storage, env),
  } satisfies Parts);
}

/** Takes up everything from storage, where the alarm is set to `alarmAtMs`, and from sockets that outlived the last wake. */
export function restore(parts: Parts, alarmAtMs: number | null): void {
  const {
    ctx,
    records,
    terminalRows,
    memberRows,
    timers,
    participants,
    host,
    hub,
    lifecycle,
    placement,
    keys,
  } = parts;
  records.load();
  const row = records.current;
  if (row === null) return;
  terminalRows.load();
  memberRows.load();
  timers.load(alarmAtMs);
  lifecycle.restore();
  participants.restore(ctx.getWebSockets('viewer'));
  // Durable state first, sockets second: only the current epoch's socket is believed.
  for (const ws of ctx.getWebSockets('host')) host.restore(ws, row.epoch);
  hub.restore();
  records.resume();
  keys.restore();
  placement.restore();
}
