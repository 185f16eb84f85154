import type { WorkspaceListRow } from './workspace-rpc.ts';
import type {
  Member,
  Participant,
  Role,
  SessionEvent,
  SessionInfo,
  SessionStatus,
  TerminalInfo,
  TerminalSize,
} from '../../protocol/messages/session.ts';
import type { ShareLink, SharedRole } from '../../protocol/messages/share-link.ts';
import type { Agent } from '../../protocol/messages/access-policy.ts';
import type { DeletionProgress } from '../../protocol/messages/deletion.ts';
import type { ErrorCode } from '../../protocol/messages/errors.ts';
import type { WorkspaceRole } from '../../protocol/messages/workspace.ts';
import type { AccountRecord, AccountRpc, IdentityRecord } from './account-rpc.ts';
import type { KeyListRpc } from './keys-rpc.ts';
import type { KeptPlaces, SocketPlacesRpc } from './sockets-rpc.ts';
import type { Device, DevicesRpc } from './devices-rpc.ts';

export type { WorkspaceExport, WorkspaceListRow, WorkspaceRpc } from './workspace-rpc.ts';

/** What somebody proved with who they are. */
export interface Credential {
  /** `link`: the token of a sign-in link or of `npm start`; `device`: a signed-in browser or CLI; `guest`: a share link. */
  kind: 'link' | 'device' | 'api-key' | 'guest';
  /** Token id, device id, key id or share link id. */
  id: string;
}

/** Who asks. Passed through every call; actors decide by it. What is absent gives no right. */
export interface Identity {
  userId: string;
  displayName: string;
  /** The workspace this request is about. */
  workspaceId: string;
  /** Role in that workspace; absent: they are in none there, and come to a session of it from outside, from their own. */
  workspaceRole?: WorkspaceRole;
  /** Runs this deployment: may see and drain hosts and read metrics. Says nothing about anybody's sessions. */
  operator?: boolean;
  credential?: Credential;
  /** What acts for the user. */
  agent?: Agent;
  /** A guest by a share link: good for this session and nothing else. */
  onlySession?: string;
  /** What an API key is limited to; absent: whatever its owner may. */
  scopes?: string[];
  /** When the person last proved who they are, in milliseconds since the epoch. */
  authenticatedAtMs?: number;
  /** The credential is used from a network that is new to it. */
  newNetwork?: boolean;
  /** For the audit log: where from, and by which request. */
  address?: string;
  requestId?: string;
}

/** RPC answers are values, not exceptions, so that no error loses its code on the way. */
export type Outcome<T> =
  | { ok: true; value: T }
  | {
      ok: false;
      code: ErrorCode;
      detail: string;
      /** For the gateway: the caller belongs to it, but it is of this workspace and not of the request's. */
      elsewhere?: string;
    };

/** A `VersionedState` (protocol/sync/replica.ts) with a type that RPC and HTTP can carry. */
export interface StateSnapshot {
  version: number;
  checksum: string;
  state: Record<string, unknown>;
}

/** Events, oldest first, and the newest version there is. */
export interface EventsPage {
  events: SessionEvent[];
  version: number;
}

/** A part of everything held of a session; the first has the record. `next`: the version to go on after; null: the end. */
export interface SessionExportPart {
  session: SessionInfo | null;
  members: Member[];
  shareLinks: ShareLink[];
  events: SessionEvent[];
  next: number | null;
}

/** Everything held of an account besides its sessions. */
export interface AccountExport extends Omit<AccountRecord, 'identities'> {
  identities: Omit<IdentityRecord, 'providerId'>[];
  devices: Device[];
  workspaces: WorkspaceListRow[];
  sessions: { id: string; workspaceId: string }[];
}

/** Typed RPC of SessionDO (addressed by `idFromName(sessionId)`). Who is no member gets `not-found`. */
export interface SessionRpc {
  create(
    who: Identity,
    input: { id: string; name: string; region: string; ttlMs?: number; idleTimeoutMs?: number },
  ): Promise<Outcome<SessionInfo>>;
  get(who: Identity): Promise<Outcome<SessionInfo>>;
  rename(who: Identity, name: string): Promise<Outcome<SessionInfo>>;
  /** Ends everything: closes sockets with Gone, destroys the sandbox and workspace, deletes the actor's storage. */
  destroy(who: Identity): Promise<Outcome<null>>;
  openTerminal(
    who: Identity,
    input: { size: TerminalSize; title?: string; command?: string[]; requestId?: string },
  ): Promise<Outcome<TerminalInfo>>;
  listTerminals(who: Identity): Promise<Outcome<TerminalInfo[]>>;
  closeTerminal(who: Identity, channel: number): Promise<Outcome<TerminalInfo>>;
  /** A single-use viewer ticket for the WebSocket. `role`: the most its bearer may do; not more than the caller may. */
  mintTicket(who: Identity, role?: Role): Promise<Outcome<{ ticket: string; expiresAt: string }>>;
  /** The shared state at its newest version. */
  getState(who: Identity): Promise<Outcome<StateSnapshot>>;
  /** A page of events after `since` (null: from the oldest kept). `gone`: the log does not reach back so far. */
  listEvents(who: Identity, input: { since: number | null; limit: number }): Promise<Outcome<EventsPage>>;
  /** Who is connected now, each device once. */
  listParticipants(who: Identity): Promise<Outcome<Participant[]>>;
  listMembers(who: Identity): Promise<Outcome<Member[]>>;
  /** Adds somebody, or gives them another role, at once also on their open sockets. `conflict`: the last owner. */
  setMember(who: Identity, userId: string, role: Role): Promise<Outcome<Member>>;
  /** Takes somebody off and ends their sockets; oneself: leaves. `conflict`: the last owner. */
  removeMember(who: Identity, userId: string): Promise<Outcome<null>>;
  /** Makes a member of the workspace the owner in one's place; one stays as an editor. `conflict`: they may not be. */
  transfer(who: Identity, userId: string): Promise<Outcome<null>>;
  /** `tokenHash` of a secret that only the link's bearers will know. */
  createShareLink(
    who: Identity,
    input: {
      tokenHash: string;
      role: SharedRole;
      signedInOnly: boolean;
      lifetimeMs: number;
      maxUses: number;
    },
  ): Promise<Outcome<ShareLink>>;
  /** Newest first. */
  listShareLinks(who: Identity): Promise<Outcome<ShareLink[]>>;
  /** Ends a link and the part of everybody who came by it, at once. */
  revokeShareLink(who: Identity, id: string): Promise<Outcome<null>>;
  /** Makes whoever has the secret a member: somebody signed in, or a guest, whose id and end are in the answer. */
  redeemShareLink(
    token: string,
    bearer: { who: Identity } | { displayName: string; guestId: string | null },
  ): Promise<Outcome<{ role: Role; guest: { userId: string; expiresAtMs: number } | null }>>;
  /**
   * From WorkspaceDO: in this session the user has at most this role (null: none), because of what they are in the
   * workspace now. Where they were the last owner, `successorId` becomes it. Nothing happens where there is no session.
   */
  limitMember(userId: string, limit: 'viewer' | null, successorId: string): Promise<void>;
  /** A part of everything held of the session, after this version of its log; null: from the beginning. */
  exportPart(who: Identity, after: number | null): Promise<Outcome<SessionExportPart>>;
  /** From WorkspaceDO: the session goes with its workspace. `gone`: nothing is left of it, nor of its sandbox and files. */
  destroyWithWorkspace(): Promise<'gone' | 'going'>;
  /** From UserDO: gives up places for sockets of the user that none needs; what is needed, as of a version after the known one. */
  neededSocketPlaces(userId: string, knownVersion: number): Promise<KeptPlaces>;
  /** From RegionDO: the placement with this epoch could not be carried out, or its host is lost. */
  placementFailed(epoch: number, detail: string): Promise<void>;
  /** From RegionDO: the session's host has something for it, and no stream of this epoch to send it on. */
  hostWants(epoch: number): Promise<void>;
}

/** Typed RPC of RegionDO (addressed by `idFromName(region)`). */
export interface RegionRpc {
  /** Picks a host and sends it the ticket. `preferHostId`: where the sandbox was last, whose workspace it has. */
  place(input: {
    sessionId: string;
    epoch: number;
    ticket: string;
    preferHostId: string | null;
  }): Promise<Outcome<{ hostId: string }>>;
  release(input: { sessionId: string; epoch: number; hostId: string }): Promise<void>;
  drain(who: Identity, hostId: string): Promise<Outcome<null>>;
  hosts(): Promise<HostSummary[]>;
}

export interface HostSummary {
  hostId: string;
  region: string;
  state: 'healthy' | 'unhealthy' | 'draining' | 'lost';
  sessions: number;
  capacity: number;
  cpuLoad: number;
  lastSeenAt: string;
}

/** A row of a user's session list. */
export interface SessionIndexRow {
  id: string;
  name: string;
  status: SessionStatus;
  region: string;
  workspaceId: string;
  /** The workspace in which the user sees it: its own, or, for somebody from outside, the user's. */
  listedIn: string;
  /** What the user whose list it is may do there. */
  role: Role;
  createdAt: string;
  lastAccessedAt: string;
}

/** What became of an idempotency key. */
export type IdempotencyAnswer =
  | { state: 'fresh'; resourceId: string }
  | { state: 'pending' | 'mismatch' }
  | { state: 'done'; status: number; body: string };

/** Typed RPC of UserDO (addressed by `idFromName(userId)`): a user's directory, until a database holds it. */
export interface UserRpc extends AccountRpc, DevicesRpc, KeyListRpc, SocketPlacesRpc {
  /** Upserts a row of the list. */
  putSession(row: SessionIndexRow): Promise<void>;
  removeSession(id: string): Promise<void>;
  /** From WorkspaceDO: the user is in this workspace, as this. */
  putWorkspace(row: WorkspaceListRow): Promise<void>;
  removeWorkspace(id: string): Promise<void>;
  /** Which workspaces the user is in, oldest first; their own may be missing before it was first used. */
  listWorkspaces(): Promise<WorkspaceListRow[]>;
  exportAccount(): Promise<AccountExport>;
  /** Begins the account's deletion, which goes on by itself. `confirm`: the user's id. */
  beginDeletion(who: Identity, confirm: string, tokenHash: string): Promise<Outcome<{ startedAtMs: number }>>;
  deletionProgress(tokenHash: string): Promise<DeletionProgress>;
  /** Addresses that whoever the user signs in with vouches for, in lower case. */
  verifiedEmails(): Promise<string[]>;
  /** Those of one workspace, newest first. `cursor` is opaque; a bad one answers `invalid-request`. */
  listSessions(input: {
    workspaceId: string;
    cursor?: string;
    limit: number;
  }): Promise<Outcome<{ sessions: SessionIndexRow[]; nextCursor: string | null }>>;
  /**
   * First caller with this key reserves it for `resourceId` and gets `fresh`; later ones get the stored answer, `pending`
   * while there is none yet, or `mismatch` when the request differs. A reservation without an answer for 30 s is given
   * to the next caller as `fresh` with the first caller's `resourceId`, so that nothing is made twice. Kept 24 h.
   */
  reserveIdempotencyKey(key: string, requestHash: string, resourceId: string): Promise<IdempotencyAnswer>;
  completeIdempotencyKey(key: string, status: number, body: string): Promise<void>;
  /** Nothing came of it: the next caller with this key starts anew. */
  releaseIdempotencyKey(key: string): Promise<void>;
  /** True the first time a token id is spent, false ever after (until it would have expired anyway). */
  spendToken(jti: string, expiresAtMs: number): Promise<boolean>;
}
