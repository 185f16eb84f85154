import { z } from 'zod';
import { CloseCode } from '../../protocol/close-codes.ts';
import { CONTROL_BURST, CONTROL_RATE_PER_S } from '../../protocol/limits.ts';
import type { ErrorCode } from '../../protocol/messages/errors.ts';
import { Focus, Role, type Participant } from '../../protocol/messages/session.ts';
import { colorOf } from '../../protocol/presence.ts';
import type { SessionToViewer } from '../../protocol/messages/viewer.ts';
import { SAVE_CURSOR_BYTES } from './limits.ts';
import { lesser, may, type Action } from '../shared/policy/session-actions.ts';
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
type State = Omit<Attachment, 'cursors' | 'sent' | 'read'>;

/** Who came through the door with a spent ticket. */
export type Arrival = Pick<Attachment, 'userId' | 'displayName' | 'role' | 'cap' | 'acceptedAtMs'>;

/** One viewer attached to one terminal. */
export interface Attached {
  viewer: ViewerSocket;
  cursor: ViewerCursor;
}

/** Longer names are cut: the attachment is small. */
const MAX_NAME_CHARS = 64;

/** One viewer's socket: identity, cursors, limits, and safe sending. */
export class ViewerSocket {
  readonly ws: WebSocket;
  readonly cursors = new Map<number, ViewerCursor>();
  readonly controlRate: TokenBucket;
  /** Frames and messages that were not of the protocol. */
  violations = 0;
  closed = false;
  readonly unread: UnreadMessages;
  #state: State;

  constructor(ws: WebSocket, state: State, unread: UnreadMessages) {
    this.ws = ws;
    this.unread = unread;
    this.#state = state;
    this.controlRate = new TokenBucket(CONTROL_RATE_PER_S, CONTROL_BURST, Date.now());
  }

  /** A socket just accepted. */
  static arrive(ws: WebSocket, arrival: Arrival): ViewerSocket {
    const state = {
      ...{ door: 'viewer' as const, client: null, device: null, focus: null },
      ...arrival,
      displayName: arrival.displayName.slice(0, MAX_NAME_CHARS),
    };
    const viewer = new ViewerSocket(ws, state, new UnreadMessages());
    viewer.save();
    return viewer;
  }

  /** A socket that was there before the actor woke; null when its attachment is not ours. */
  static restore(ws: WebSocket): ViewerSocket | null {
    const parsed = Attachment.safeParse(ws.deserializeAttachment());
    if (!parsed.success) return null;
    const { cursors, sent, read, ...state } = parsed.data;
    const viewer = new ViewerSocket(ws, state, new UnreadMessages(sent, read));
    for (const text of cursors === '' ? [] : cursors.split(';')) {
      const cursor = unpackCursor(text);
      if (cursor !== null) viewer.cursors.set(cursor.channel, cursor);
    }
    return viewer;
  }

  get userId(): string {
    return this.#state.userId;
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
    this.ws.serializeAttachment({ ...this.#state, cursors: packed.join(';'), sent, read });
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

  /** Sends encoded bytes or text. A socket already closing takes nothing; its close event follows. */
  sendRaw(data: string | ArrayBuffer | Uint8Array): void {
    if (this.closed) return;
    try {
      this.ws.send(data);
    } catch {
      this.closed = true;
    }
  }

  /** A typed error; `requestId` and `channel` say what it is about. */
  fail(code: ErrorCode, detail: string, about: { requestId?: string; channel?: number } = {}): void {
    this.send({ type: 'error', code, detail, ...about });
  }

  close(code: CloseCode, reason: string): void {
    this.closed = true;
    try {
      this.ws.close(code, reason);
    } catch {
      // It was closing already.
    }
  }
}
