import { z } from 'zod';
import { CloseCode } from '../../protocol/close-codes.ts';
import { CONTROL_BURST, CONTROL_RATE_PER_S } from '../../protocol/limits.ts';
import type { ErrorCode } from '../../protocol/messages/errors.ts';
import { Focus, Role, type Participant } from '../../protocol/messages/session.ts';
import { colorOf } from '../../protocol/presence.ts';
import type { SessionToViewer } from '../../protocol/messages/viewer.ts';
import { AccessGate } from './access-gate.ts';
import { HeldTraffic } from './held-traffic.ts';
import { SAVE_CURSOR_BYTES } from './limits.ts';
import { lesser, may, type Action } from '../shared/policy/session-actions.ts';
import { SocketAccess } from '../shared/policy/socket-access.ts';
import { TokenBucket } from '../shared/token-bucket.ts';
import { UnreadMessages } from './unread-messages.ts';
import { packCursor, unpackCursor, type ViewerCursor } from './viewer-cursor.ts';

/** What a viewer's socket carries through hibernation. At most 2 KiB. */
const Attachment = z.object({
  door: z.literal('viewer'),
  userId: z.string(),
  displayName: z.string(),
  role: Role,
  /** The most this socket may do, whatever its user may; null: all of that. */
  cap: Role.nullable(),
  acceptedAtMs: z.number(),
  access: SocketAccess,
  /** Since when nobody can say whether it may stay; null: it could be asked. */
  unansweredSinceMs: z.number().nullable(),
  /** Null before `hello`. */
  client: z.object({ id: z.string(), stream: z.number() }).nullable(),
  /** What its device calls itself, and what it looks at. */
  device: z.string().nullable(),
  focus: Focus.nullable(),
  cursors: z.string(),
  /** See {@link UnreadMessages}. */
  sent: z.number(),
  read: z.number(),
});
type Attachment = z.infer<typeof Attachment>;

/** An attachment but for what is kept beside it. */
type State = Omit<Attachment, 'cursors' | 'sent' | 'read' | 'unansweredSinceMs'>;

/** Who came through the door with a spent ticket. */
export type Arrival = Pick<Attachment, 'userId' | 'displayName' | 'role' | 'cap' | 'acceptedAtMs' | 'access'>;

/** Asks whether a viewer may stay; its gate may be open again when that returns. */
type AskAccess = (viewer: ViewerSocket) => void;

/** One viewer attached to one terminal. */
export interface Attached {
  viewer: ViewerSocket;
  cursor: ViewerCursor;
}

/** Longer names are cut: the attachment is small. */
const MAX_NAME_CHARS = 64;

/** One viewer's socket: identity, cursors, limits, the gate everything passes, and safe sending. */
export class ViewerSocket {
  readonly ws: WebSocket;
  readonly cursors = new Map<number, ViewerCursor>();
  readonly controlRate: TokenBucket;
  /** Frames and messages that were not of the protocol. */
  violations = 0;
  closed = false;
  readonly unread: UnreadMessages;
  readonly gate: AccessGate;
  readonly #held = new HeldTraffic();
  readonly #askAccess: AskAccess;
  #state: State;

  constructor(
    ws: WebSocket,
    state: State,
    parts: { unread: UnreadMessages; gate: AccessGate; askAccess: AskAccess },
  ) {
    this.ws = ws;
    this.unread = parts.unread;
    this.gate = parts.gate;
    this.#askAccess = parts.askAccess;
    this.#state = state;
    this.controlRate = new TokenBucket(CONTROL_RATE_PER_S, CONTROL_BURST, Date.now());
  }

  /** A socket just accepted. */
  static arrive(ws: WebSocket, arrival: Arrival, askAccess: AskAccess): ViewerSocket {
    const state = {
      ...{ door: 'viewer' as const, client: null, device: null, focus: null },
      ...arrival,
      displayName: arrival.displayName.slice(0, MAX_NAME_CHARS),
    };
    const parts = { unread: new UnreadMessages(), gate: new AccessGate(), askAccess };
    const viewer = new ViewerSocket(ws, state, parts);
    viewer.save();
    return viewer;
  }

  /** A socket that was there before the actor woke; null when its attachment is not ours. */
  static restore(ws: WebSocket, askAccess: AskAccess): ViewerSocket | null {
    const parsed = Attachment.safeParse(ws.deserializeAttachment());
    if (!parsed.success) return null;
    const { cursors, sent, read, unansweredSinceMs, ...state } = parsed.data;
    const gate = new AccessGate(unansweredSinceMs);
    const viewer = new ViewerSocket(ws, state, { unread: new UnreadMessages(sent, read), gate, askAccess });
    for (const text of cursors === '' ? [] : cursors.split(';')) {
      const cursor = unpackCursor(text);
      if (cursor !== null) viewer.cursors.set(cursor.channel, cursor);
    }
    return viewer;
  }

  get userId(): string {
    return this.#state.userId;
  }

  /** What it stands on. */
  get access(): SocketAccess {
    return this.#state.access;
  }

  get role(): Role {
    return this.#state.role;
  }

  /** Whether it may do this now. */
  may(action: Action): boolean {
    return may(this.#state.role, action);
  }

  /** Its user's role is this now. False when nothing changes for this socket. */
  changeRole(userRole: Role): boolean {
    const role = lesser(userRole, this.#state.cap);
    if (role === this.#state.role) return false;
    this.#state = { ...this.#state, role };
    this.save();
    return true;
  }

  get acceptedAtMs(): number {
    return this.#state.acceptedAtMs;
  }

  /** Client id and input stream number; null before `hello`. */
  get client(): { id: string; stream: number } | null {
    return this.#state.client;
  }

  /** How others see it; null before `hello`. */
  get participant(): Participant | null {
    const { client, userId, displayName, device, role, acceptedAtMs, focus } = this.#state;
    if (client === null) return null;
    return {
      ...{ stream: client.stream, clientId: client.id, userId, displayName, device, role },
      color: colorOf(userId),
      connectedAt: new Date(acceptedAtMs).toISOString(),
      focus,
    };
  }

  /** Remembers the `hello`. */
  introduce(client: { id: string; stream: number }, device: string | null): void {
    this.#state = { ...this.#state, client, device };
    this.save();
  }

  /** What it looks at now. False when that is nothing new. */
  lookAt(focus: Focus | null): boolean {
    const before = this.#state.focus;
    if (before?.channel === focus?.channel && before?.scrollLines === focus?.scrollLines) return false;
    this.#state = { ...this.#state, focus };
    this.save();
    return true;
  }

  /** Writes state and cursors to the socket's attachment (memory of the platform, not storage). */
  save(): void {
    const packed: string[] = [];
    for (const cursor of this.cursors.values()) {
      cursor.savedAt = cursor.acked;
      packed.push(packCursor(cursor));
    }
    const { sent, read } = this.unread;
    const { unansweredSinceMs } = this.gate;
    this.ws.serializeAttachment({ ...this.#state, unansweredSinceMs, cursors: packed.join(';'), sent, read });
  }

  /** Saves when a cursor has caught up or moved far: a cursor saved too old only costs bytes sent twice. */
  saveIfDue(cursor: ViewerCursor): void {
    if (cursor.acked === cursor.savedAt) return;
    if (cursor.acked === cursor.sent || cursor.acked - cursor.savedAt >= SAVE_CURSOR_BYTES) this.save();
  }

  send(message: SessionToViewer): void {
    this.sendMessage(JSON.stringify(message));
  }

  /** Sends a message, or a frame that is in no window. A viewer that does not read such for long is given up. */
  sendMessage(data: string | ArrayBuffer | Uint8Array): void {
    this.sendRaw(data);
    this.owes(typeof data === 'string' ? data.length : data.byteLength);
  }

  /** So much more was sent that no acknowledgement of output will tell the fate of. */
  owes(bytes: number): void {
    const after = this.unread.send(bytes);
    if (after === 'nothing' || this.closed) return;
    if (after === 'give-up') return this.close(CloseCode.NotReading, 'what was sent is not read');
    this.sendRaw(
      JSON.stringify({ type: 'receipt.wanted', position: this.unread.sent } satisfies SessionToViewer),
    );
    this.save();
  }

  /** Whether a message of the viewer may be handled now. If not, it waits, and {@link release} gives it, or it is dropped. */
  admits(message: string | ArrayBuffer): boolean {
    if (this.#passes()) return true;
    if (!this.closed && !this.#held.fromViewer(message)) this.#tooMuchHeld();
    return false;
  }

  /** The gate is open again: what waited goes out. Out: what the viewer sent meanwhile, in order. */
  release(): (string | ArrayBuffer)[] {
    const { fromViewer, toViewer } = this.#held.take();
    for (const data of toViewer) this.#sendNow(data);
    return fromViewer;
  }

  /** Sends encoded bytes or text, once it may pass. A socket already closing takes nothing; its close event follows. */
  sendRaw(data: string | ArrayBuffer | Uint8Array): void {
    if (this.closed) return;
    if (this.#passes()) this.#sendNow(data);
    else if (!this.#held.toViewer(data)) this.#tooMuchHeld();
  }

  #passes(): boolean {
    const state = this.gate.at(Date.now());
    if (state === 'open') return this.#held.isEmpty;
    this.#askAccess(this);
    return this.#held.isEmpty && this.gate.at(Date.now()) !== 'shut';
  }

  #tooMuchHeld(): void {
    this.close(CloseCode.GoingAway, 'reconnect');
  }

  #sendNow(data: string | ArrayBuffer | Uint8Array): void {
    if (this.closed) return;
    try {
      this.ws.send(data);
    } catch {
      this.closed = true;
    }
  }

  /** A typed error, which waits for nothing; `requestId` and `channel` say what it is about. */
  fail(code: ErrorCode, detail: string, about: { requestId?: string; channel?: number } = {}): void {
    const text = JSON.stringify({ type: 'error', code, detail, ...about } satisfies SessionToViewer);
    this.#sendNow(text);
    this.owes(text.length);
  }

  close(code: CloseCode, reason: string): void {
    this.closed = true;
    this.#held.take();
    try {
      this.ws.close(code, reason);
    } catch {
      // It was closing already.
    }
  }
}
