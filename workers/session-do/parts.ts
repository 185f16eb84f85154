import type { Env } from '../shared/env.ts';
import type { Log } from '../shared/log.ts';
import type { Vault } from '../shared/vault/vault.ts';
import type { SessionAudit } from './audit.ts';
import type { ClientStreams } from './client-streams.ts';
import type { EventLog } from './event-log.ts';
import type { HostLink } from './host-link.ts';
import type { Keys } from './keys.ts';
import type { Lifecycle } from './lifecycle.ts';
import type { MemberRepository } from './member-repository.ts';
import type { Members } from './members.ts';
import type { Participants } from './participants.ts';
import type { Placement } from './placement.ts';
import type { Presence } from './presence.ts';
import type { RecordRepository } from './record-repository.ts';
import type { Rest } from './rest.ts';
import type { SessionIndex } from './session-index.ts';
import type { ShareLinkRows } from './share-link-rows.ts';
import type { ShareLinks } from './share-links.ts';
import type { Sizing } from './sizing.ts';
import type { SocketPlaces } from './socket-places.ts';
import type { TerminalHub } from './terminal-hub.ts';
import type { TerminalRepository } from './terminal-repository.ts';
import type { Terminals } from './terminals.ts';
import type { Tickets } from './tickets.ts';
import type { Timers } from './timers.ts';
import type { ViewerAccess } from './viewer-access.ts';

/** The named units of one session. Each knows the others through this, and nothing else. */
export interface Parts {
  readonly ctx: DurableObjectState;
  readonly env: Env;
  readonly log: Log;
  /** Encryption at rest. */
  readonly vault: Vault;
  readonly keys: Keys;
  /** Rows. */
  readonly records: RecordRepository;
  readonly terminalRows: TerminalRepository;
  readonly memberRows: MemberRepository;
  readonly shareLinkRows: ShareLinkRows;
  readonly events: EventLog;
  readonly tickets: Tickets;
  readonly streams: ClientStreams;
  readonly timers: Timers;
  /** Sockets. */
  readonly participants: Participants;
  readonly access: ViewerAccess;
  readonly places: SocketPlaces;
  readonly host: HostLink;
  /** Behaviour. */
  readonly hub: TerminalHub;
  readonly terminals: Terminals;
  readonly members: Members;
  readonly shareLinks: ShareLinks;
  readonly presence: Presence;
  readonly sizing: Sizing;
  readonly placement: Placement;
  readonly rest: Rest;
  readonly lifecycle: Lifecycle;
  readonly index: SessionIndex;
  readonly audit: SessionAudit;
}
