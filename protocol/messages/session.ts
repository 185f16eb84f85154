import { z } from 'zod';
import { isPlainLine } from './name.ts';
import { DEFAULT_COLS, DEFAULT_ROWS, MAX_COLS, MAX_ROWS, MAX_SCROLL_LINES } from '../limits.ts';
import { PERSON_COLORS } from '../presence.ts';
import { isJsonObject, type Json, type JsonObject } from '../sync/json.ts';

/** Identifiers. Session ids are 22 url-safe characters (128 random bits). */
export const SessionId = z.string().regex(/^[A-Za-z0-9_-]{22}$/);
export const ClientId = z.string().regex(/^[A-Za-z0-9_-]{8,64}$/);
export const RequestId = z.string().min(1).max(64);
export const Channel = z.int().min(1).max(0xffff_ffff);
export const StreamNumber = z.int().min(1).max(0xffff_ffff);
export const Offset = z.int().min(0);
export const Epoch = z.int().min(0);

/** Terminal size in cells. */
export const TerminalSize = z.object({
  cols: z.int().min(1).max(MAX_COLS).default(DEFAULT_COLS),
  rows: z.int().min(1).max(MAX_ROWS).default(DEFAULT_ROWS),
});
export type TerminalSize = z.infer<typeof TerminalSize>;

/** How a terminal ended. `offset` is the final length of its output, in bytes. */
export const TerminalExit = z.object({
  offset: Offset,
  exitCode: z.int().nullable(),
  signal: z.string().nullable(),
  /** `exited` by itself, `closed` by a person, `lost` with its sandbox, `failed` to start. */
  reason: z.enum(['exited', 'closed', 'lost', 'failed']),
  message: z.string().optional(),
});
export type TerminalExit = z.infer<typeof TerminalExit>;

/**
 * What the terminal's line discipline does with keys (termios): `canonical` edits whole lines itself (ICANON), `echo`
 * shows keys itself (ECHO), `signals` turns Ctrl-C and the like into signals (ISIG). Canonical without echo is how
 * passwords are read; neither is how shells and editors with line editing of their own read.
 */
export const TerminalMode = z.object({ canonical: z.boolean(), echo: z.boolean(), signals: z.boolean() });
export type TerminalMode = z.infer<typeof TerminalMode>;

/** A terminal as clients see it. */
export const TerminalInfo = z.object({
  channel: Channel,
  title: z.string().max(200),
  cols: z.int(),
  rows: z.int(),
  state: z.enum(['starting', 'running', 'exited']),
  createdAt: z.iso.datetime(),
  exit: TerminalExit.nullable(),
});
export type TerminalInfo = z.infer<typeof TerminalInfo>;

export const SessionStatus = z.enum(['idle', 'starting', 'running', 'suspended', 'expired']);
export type SessionStatus = z.infer<typeof SessionStatus>;

/** The session record (row S1), as the API and the socket show it. */
export const SessionInfo = z.object({
  id: SessionId,
  name: z.string().max(100),
  ownerId: z.string(),
  workspaceId: z.string(),
  region: z.string(),
  status: SessionStatus,
  createdAt: z.iso.datetime(),
  lastAccessedAt: z.iso.datetime(),
  /** When it expires unless used: last access plus `ttlMs`. */
  expiresAt: z.iso.datetime(),
  ttlMs: z.int(),
  idleTimeoutMs: z.int(),
  messageCount: z.int(),
  activeTools: z.array(z.string()),
  terminals: z.array(TerminalInfo),
  resources: z.object({
    cpuMs: z.number(),
    memoryBytes: z.number(),
    diskBytes: z.number(),
    processes: z.number(),
    sampledAt: z.iso.datetime().nullable(),
  }),
  /** Version of the record; grows by one with each event of the session's log. */
  version: z.int(),
});
export type SessionInfo = z.infer<typeof SessionInfo>;

/** What a participant may do: owners everything, editors all but sharing and deleting, viewers only watch. */
export const Role = z.enum(['owner', 'editor', 'viewer']);
export type Role = z.infer<typeof Role>;

/** Who somebody is, as the identity in their token says. Shown in terminals too, so without control characters. */
export const UserId = z.string().min(1).max(200).refine(isPlainLine, 'must not contain control characters');

/** Somebody the session is shared with, here or not. */
export const Member = z.object({
  userId: UserId,
  /** Null until they have been here. */
  displayName: z.string().nullable(),
  role: Role,
  addedAt: z.iso.datetime(),
  /** The share link they came by, with which their part ends; null: shared with them by name. */
  linkId: z.string().nullable().default(null),
});
export type Member = z.infer<typeof Member>;

/** A session as lists show it. */
export const SessionSummary = z.object({
  id: SessionId,
  name: z.string(),
  status: SessionStatus,
  region: z.string(),
  /** The workspace it belongs to; of a session shared from outside not the one it is listed in. */
  workspaceId: z.string(),
  /** What whoever asks for the list may do there. */
  role: Role,
  createdAt: z.iso.datetime(),
  lastAccessedAt: z.iso.datetime(),
});
export type SessionSummary = z.infer<typeof SessionSummary>;

/** What somebody looks at: a terminal, and how many lines above its newest. */
export const Focus = z.object({ channel: Channel, scrollLines: z.int().min(0).max(MAX_SCROLL_LINES) });
export type Focus = z.infer<typeof Focus>;

/** What a device calls itself, e.g. `browser`. Shown in terminals too, so without control characters. */
export const DeviceName = z
  .string()
  .min(1)
  .max(32)
  .refine(isPlainLine, 'must not contain control characters');

/** One device that is connected. A person may have several: the same `userId`. */
export const Participant = z.object({
  /** Its input stream's number, by which other messages name it: no two participants have the same. */
  stream: StreamNumber,
  clientId: ClientId,
  userId: z.string(),
  displayName: z.string(),
  device: z.string().nullable(),
  role: Role,
  /** The person's colour, see `colorOf`. */
  color: z
    .int()
    .min(0)
    .max(PERSON_COLORS - 1),
  connectedAt: z.iso.datetime(),
  focus: Focus.nullable(),
});
export type Participant = z.infer<typeof Participant>;

/**
 * Whether the sandbox behind the session can be reached now, for a person to understand. `resting`: it is there, nothing
 * happens in it, and it is linked again by the first byte; `waking`: that is being done. Neither is anybody's concern.
 */
export const HostLink = z.object({
  state: z.enum(['none', 'placing', 'connected', 'resting', 'waking', 'lost']),
  hostId: z.string().nullable(),
  epoch: Epoch,
  message: z.string().nullable(),
});
export type HostLink = z.infer<typeof HostLink>;

/** Any JSON object, taken as it is: a checksum is over everything in it, known here or not. */
export const JsonDocument = z.custom<JsonObject>((value) => isJsonObject(value as Json), 'must be an object');

/** One change of the session's shared state (../sync/shared-state.ts). Versions have no gaps. */
export const SessionEvent = z.object({
  /** Of the state after the change. A `HEARTBEAT` changes nothing and states the version there is. */
  version: z.int().min(0),
  at: z.iso.datetime(),
  kind: z.enum(['CREATE', 'UPDATE', 'DELETE', 'HEARTBEAT']),
  /** Dotted subject, e.g. `terminal.opened`, `session.renamed`, `host.connected`. */
  subject: z.string(),
  /** What happened, for people and programs; nothing of it is needed to follow the state. */
  data: z.record(z.string(), z.unknown()),
  /** JSON merge patch (RFC 7396) that makes this state of the one before. Null: too long; take the whole state. */
  delta: JsonDocument.nullable(),
  /** Of the state after the change, see ../sync/checksum.ts. */
  checksum: z.string(),
});
export type SessionEvent = z.infer<typeof SessionEvent>;
