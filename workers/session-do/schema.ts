import type { SharedRole } from '../../protocol/messages/share-link.ts';
import { integer, sqliteTable, text } from 'drizzle-orm/sqlite-core';
import type { HostLink, Role, SessionStatus } from '../../protocol/messages/session.ts';
import { type PersonContent, sealedColumn, type SessionContent, type TerminalContent } from './sealed.ts';

/** What the sandbox is to be told next, and not yet confirmed. */
export type PendingStop = 'suspend' | 'destroy';

/** A terminal at rest: the length of its output, and of each input stream as applied. */
export interface Rested {
  outputOffset: number;
  inputs: [stream: number, applied: number][];
}

/**
 * The one row of the session. Times are milliseconds since the epoch. Here as in the other tables, `content` is sealed (see
 * ./sealed.ts); what is beside it are ids, states, sizes, counters and times.
 */
export const session = sqliteTable('session', {
  id: text('id').primaryKey(),
  ownerId: text('owner_id').notNull(),
  workspaceId: text('workspace_id').notNull(),
  region: text('region').notNull(),
  status: text('status').$type<SessionStatus>().notNull(),
  createdAtMs: integer('created_at_ms').notNull(),
  lastAccessedAtMs: integer('last_accessed_at_ms').notNull(),
  ttlMs: integer('ttl_ms').notNull(),
  idleTimeoutMs: integer('idle_timeout_ms').notNull(),
  messageCount: integer('message_count').notNull().default(0),
  cpuMs: integer('cpu_ms').notNull().default(0),
  memoryBytes: integer('memory_bytes').notNull().default(0),
  diskBytes: integer('disk_bytes').notNull().default(0),
  processes: integer('processes').notNull().default(0),
  sampledAtMs: integer('sampled_at_ms'),
  /** Version of the shared state: of the newest event. */
  lastSeq: integer('last_seq').notNull().default(0),
  nextChannel: integer('next_channel').notNull().default(1),
  nextStream: integer('next_stream').notNull().default(1),
  /** Placement: the current epoch, where it went, and what people are told about it. */
  epoch: integer('epoch').notNull().default(0),
  /** The epoch a host is known to be on its way for: from the region's answer until it dials in. */
  awaitedEpoch: integer('awaited_epoch').notNull().default(0),
  hostId: text('host_id'),
  hostState: text('host_state').$type<HostLink['state']>().notNull().default('none'),
  placementAttempts: integer('placement_attempts').notNull().default(0),
  /** Incarnation of the sandbox the running terminals belong to. */
  incarnation: text('incarnation'),
  /** True once a sandbox was asked for: a workspace may exist on a host. */
  placedOnce: integer('placed_once', { mode: 'boolean' }).notNull().default(false),
  pendingStop: text('pending_stop').$type<PendingStop>(),
  /** Deleted for everyone; the row stays only until the workspace is gone. */
  deleted: integer('deleted', { mode: 'boolean' }).notNull().default(false),
  /** The user's index does not know the latest state yet. */
  indexDirty: integer('index_dirty', { mode: 'boolean' }).notNull().default(false),
  content: sealedColumn('content'),
});
export type SessionRow = Omit<typeof session.$inferSelect, 'content'> & SessionContent;

/** Terminals, open or ended. Channels are never reused. */
export const terminals = sqliteTable('terminals', {
  channel: integer('channel').primaryKey(),
  cols: integer('cols').notNull(),
  rows: integer('rows').notNull(),
  state: text('state').$type<'starting' | 'running' | 'exited'>().notNull(),
  createdAtMs: integer('created_at_ms').notNull(),
  /** Who asked with which request id: the same question opens it once. */
  requestKey: text('request_key').unique(),
  /** Incarnation of the sandbox it was asked of; null: it was not asked for yet. Written before the asking goes out. */
  askedIncarnation: text('asked_incarnation'),
  /** Where it stood when the session last gave its stream back; means something only while the session rests. */
  rested: text('rested', { mode: 'json' }).$type<Rested>(),
  content: sealedColumn('content'),
});
export type TerminalRow = Omit<typeof terminals.$inferSelect, 'content'> & TerminalContent;

/** Whom the session is shared with, its creator among them. */
export const members = sqliteTable('members', {
  userId: text('user_id').primaryKey(),
  /** Null: removed; the row stays until the session is off their list. */
  role: text('role').$type<Role>(),
  addedAtMs: integer('added_at_ms').notNull(),
  /** Not in the session's workspace: they have the session in their own. */
  outside: integer('outside', { mode: 'boolean' }).notNull().default(false),
  /** The share link they came by; null: shared with them by name. */
  linkId: text('link_id'),
  /** When their part ends by itself: a guest's. */
  expiresAtMs: integer('expires_at_ms'),
  /** Their list does not know the latest state yet. */
  indexDirty: integer('index_dirty', { mode: 'boolean' }).notNull(),
  content: sealedColumn('content'),
});
export type MemberRow = Omit<typeof members.$inferSelect, 'content'> & PersonContent;

/** Links that let people in, by SHA-256 of the token; the token itself is never stored. */
export const shareLinks = sqliteTable('share_links', {
  id: text('id').primaryKey(),
  tokenHash: text('token_hash').notNull().unique(),
  role: text('role').$type<SharedRole>().notNull(),
  signedInOnly: integer('signed_in_only', { mode: 'boolean' }).notNull(),
  createdBy: text('created_by').notNull(),
  createdAtMs: integer('created_at_ms').notNull(),
  expiresAtMs: integer('expires_at_ms').notNull(),
  uses: integer('uses').notNull(),
  maxUses: integer('max_uses').notNull(),
  revokedAtMs: integer('revoked_at_ms'),
});
export type ShareLinkRow = typeof shareLinks.$inferSelect;

/** Places for sockets kept within their user's limit, see ./socket-places.ts. */
export const socketPlaces = sqliteTable('socket_places', {
  userId: text('user_id').primaryKey(),
  places: integer('places').notNull(),
  version: integer('version').notNull(),
});

/** Input stream numbers of clients, kept across reconnects. */
export const clientStreams = sqliteTable('client_streams', {
  stream: integer('stream').primaryKey(),
  /** User and client id: a client id means nothing in another user's hands. */
  clientKey: text('client_key').notNull().unique(),
});

/** The gapless event log of the shared state. */
export const events = sqliteTable('events', {
  version: integer('seq').primaryKey(),
  atMs: integer('at_ms').notNull(),
  kind: text('kind').$type<'CREATE' | 'UPDATE' | 'DELETE'>().notNull(),
  subject: text('subject').notNull(),
  content: sealedColumn('content'),
});

/** Single-use tickets, by SHA-256 of the ticket; the ticket itself is never stored. */
export const tickets = sqliteTable('tickets', {
  hash: text('hash').primaryKey(),
  door: text('door').$type<'viewer' | 'host'>().notNull(),
  expiresAtMs: integer('expires_at_ms').notNull(),
  userId: text('user_id'),
  /** The most its bearer may do; null: whatever its owner may. */
  role: text('role').$type<Role>(),
  epoch: integer('epoch'),
  /** Null: a host's, which has none. */
  content: sealedColumn('content'),
});

/** What the one alarm of the actor stands for. */
export const timers = sqliteTable('timers', {
  name: text('name').primaryKey(),
  atMs: integer('at_ms').notNull(),
});
