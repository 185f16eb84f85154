import { env } from 'cloudflare:test';
import { z } from 'zod';
import { SUBPROTOCOL, TICKET_SUBPROTOCOL_PREFIX } from '../../protocol/close-codes.ts';
import { REPLAY_RING_BYTES } from '../../protocol/limits.ts';
import { type HostTerminal, SessionToHost } from '../../protocol/messages/host.ts';
import type { HostLink, Role, TerminalInfo } from '../../protocol/messages/session.ts';
import { SessionToViewer } from '../../protocol/messages/viewer.ts';
import { encodeOffset, type Frame, FrameKind, SnapshotFlag } from '../../protocol/stream/frame.ts';
import { SizeHistory } from '../../protocol/stream/size-history.ts';
import type { Identity } from '../shared/rpc.ts';
import { ask, createSession, newUser, tokenFor } from './api.ts';
import { hostToken, joinRegion, type PlayedSocket, upgrade } from './host.ts';
import { Peer } from './peer.ts';

/** Where sessions of tests are placed. */
export const REGION = 'local';
const SIZE = { cols: 80, rows: 24 };
/** Of a viewer's text, the newest. */
const KEPT_CHARS = 10_000;
const encoder = new TextEncoder();

/** A host and its executor, as far as one session's actor can tell: it keeps all output and answers what it is asked. */
export class PlayedHost {
  readonly control: PlayedSocket;
  data!: Peer<SessionToHost>;
  /** Everything it was ever told by the actor. */
  readonly told: SessionToHost[] = [];
  readonly acks: number[] = [];
  readonly input: Frame[] = [];
  incarnation: string = crypto.randomUUID();
  /** Whether it lives to open, and to confirm, what it is asked for. */
  opens = true;
  /** Whether a resize reaches it. */
  resizes = true;
  epoch = 0;
  readonly #output = new Map<number, Uint8Array>();
  readonly #sizes = new SizeHistory();
  readonly #exits = new Map<number, HostTerminal['exit']>();

  constructor(control: PlayedSocket) {
    this.control = control;
  }

  static async join(): Promise<PlayedHost> {
    return new PlayedHost(await joinRegion(REGION, { capacity: 1000, incarnation: crypto.randomUUID() }));
  }

  /** The next placement of a session; those of other sessions are passed over. */
  async placement(sessionId: string): Promise<{ epoch: number; ticket: string }> {
    for (;;) {
      const message = await this.control.next();
      if (message.type === 'place' && message.sessionId === sessionId) return message;
    }
  }

  /** Dials the actor, as the placement says, and makes the sandbox ready. */
  async serve(sessionId: string): Promise<void> {
    const { epoch, ticket } = await this.placement(sessionId);
    this.epoch = epoch;
    this.data = await dialData(sessionId, ticket);
    this.data.onMessage = (message) => this.#answer(message);
    this.data.onFrame = (frame) => {
      if (frame.kind === FrameKind.OutputAck) this.acks.push(frame.offset);
      if (frame.kind === FrameKind.Input) this.input.push(frame);
    };
    await this.data.until(() => this.told.find(({ type }) => type === 'sandbox.ensure'), 'ensure');
  }

  /** Waits until the actor has opened a terminal here. */
  async opened(channel: number): Promise<void> {
    const isIt = (message: SessionToHost): boolean =>
      message.type === 'terminal.open' && message.channel === channel;
    await this.data.until(() => this.told.find(isIt), 'a terminal');
  }

  /** The program prints; the bytes go out unless `silent`. */
  print(channel: number, text: string | Uint8Array, silent = false): void {
    const bytes = typeof text === 'string' ? encoder.encode(text) : text;
    const before = this.#output.get(channel) ?? new Uint8Array(0);
    const all = new Uint8Array(before.length + bytes.length);
    all.set(before);
    all.set(bytes, before.length);
    this.#output.set(channel, all);
    if (!silent) this.data.frame({ kind: FrameKind.Output, channel, offset: before.length, payload: bytes });
  }

  /** Sends a frame of the output again, as a replay does. */
  sendFrom(channel: number, offset: number): void {
    const payload = this.#output.get(channel)?.subarray(offset, offset + 65_536) ?? new Uint8Array(0);
    if (payload.length > 0) this.data.frame({ kind: FrameKind.Output, channel, offset, payload });
  }

  exit(channel: number, exitCode: number): void {
    const exit = { offset: this.#length(channel), exitCode, signal: null, reason: 'exited' as const };
    this.#exits.set(channel, exit);
    this.data.send({ type: 'terminal.exited', channel, exit });
  }

  #length(channel: number): number {
    return this.#output.get(channel)?.length ?? 0;
  }

  #terminal(channel: number): HostTerminal {
    const exit = this.#exits.get(channel) ?? null;
    const outputOffset = this.#length(channel);
    const ringOffset = Math.max(0, outputOffset - REPLAY_RING_BYTES);
    return { channel, running: exit === null, ...SIZE, outputOffset, ringOffset, exit };
  }

  #answer(message: SessionToHost): void {
    this.told.push(message);
    if (message.type === 'sandbox.ensure') {
      const terminals = [...this.#output.keys()].map((channel) => this.#terminal(channel));
      const { incarnation } = this;
      this.data.send({ type: 'sandbox.ready', incarnation, terminals, startedMs: 1, adopted: false });
    } else if (message.type === 'sandbox.suspend') {
      this.data.send({ type: 'sandbox.stopped', reason: 'suspended' });
    } else if (message.type === 'terminal.open') {
      if (!this.opens) return;
      if (!this.#output.has(message.channel)) this.#output.set(message.channel, new Uint8Array(0));
      this.data.send({ type: 'terminal.opened', terminal: this.#terminal(message.channel) });
    } else if (message.type === 'resize') {
      if (!this.resizes) return;
      const { channel, size } = message;
      const offset = this.#length(channel);
      this.#sizes.add({ offset, ...size });
      this.data.send({ type: 'terminal.resized', channel, ...size, offset });
    } else if (message.type === 'replay') {
      const { channel, offset } = message;
      this.data.send({ type: 'terminal.sizes', channel, offset, changes: this.#sizes.since(offset) });
      this.sendFrom(channel, offset);
    } else if (message.type === 'snapshot') {
      const { channel, request } = message;
      const payload = encoder.encode('\0\x50\0\x18screen');
      const flags = SnapshotFlag.First | SnapshotFlag.Last;
      const offset = this.#length(channel);
      this.data.frame({ kind: FrameKind.Snapshot, flags, channel, stream: request, offset, payload });
    } else if (message.type === 'input.sync') {
      const { channel, stream } = message;
      this.data.frame({
        kind: FrameKind.InputResume,
        channel,
        stream,
        offset: 0,
        payload: encodeOffset(this.#length(channel)),
      });
    }
  }
}

/** Dials a session's data door with a ticket, as the test host. */
export async function dialData(sessionId: string, ticket: string): Promise<Peer<SessionToHost>> {
  const response = await upgrade(`/host/v1/sessions/${sessionId}`, {
    authorization: `Bearer ${await hostToken(REGION)}`,
    ...offer(ticket),
  });
  if (response.webSocket === null) throw new Error(`refused with ${response.status}`);
  return new Peer(response.webSocket, SessionToHost);
}

/** How somebody comes to a session. */
interface ViewOptions {
  /** Whose; the owner's by default. */
  token?: string;
  /** Of the request for the ticket, besides. */
  headers?: Record<string, string>;
  /** Less than that user may. */
  role?: Role;
  /** Version of the shared state it has. */
  version?: number | undefined;
  /** Gets every message, from the welcome on. */
  heard?: (message: SessionToViewer, viewer: Viewer) => void;
  /** The welcome is left for the test to take. */
  keepWelcome?: boolean;
}

/** A session of a user of its own. */
export class PlayedSession {
  readonly id: string;
  readonly owner: Identity;
  /** The owner's. */
  readonly token: string;

  constructor(id: string, owner: Identity, token: string) {
    this.id = id;
    this.owner = owner;
    this.token = token;
  }

  static async create(body?: Record<string, unknown>): Promise<PlayedSession> {
    const owner = newUser();
    const token = await tokenFor(owner);
    if (body === undefined) return new PlayedSession((await createSession(token)).id, owner, token);
    const response = await ask('/api/v1/sessions', { method: 'POST', token, body });
    return new PlayedSession(z.object({ id: z.string() }).parse(await response.json()).id, owner, token);
  }

  /** Somebody new whom the session is shared with; `who` as the gateway lets them stand in its workspace. */
  async member(role: Role, displayName = 'Test user'): Promise<{ who: Identity; token: string }> {
    const who = { ...newUser(), displayName };
    const path = `/api/v1/sessions/${this.id}/members/${who.userId}`;
    const answer = await ask(path, { method: 'PUT', token: this.token, body: { role } });
    if (answer.status !== 200) throw new Error(`not shared: ${answer.status}`);
    return { who: { ...who, workspaceId: this.owner.workspaceId }, token: await tokenFor(who) };
  }

  get actor() {
    return env.SESSIONS.get(env.SESSIONS.idFromName(this.id));
  }

  /** A viewer that has said hello and was welcomed. */
  async view(clientId: string = crypto.randomUUID(), options: ViewOptions = {}): Promise<Viewer> {
    const { version, heard, keepWelcome } = options;
    const viewer = await this.arrive(clientId, options);
    if (heard !== undefined) viewer.onMessage = (message) => heard(message, viewer);
    viewer.send({ type: 'hello', clientId, version });
    if (keepWelcome !== true) await viewer.welcomed();
    return viewer;
  }

  /** A viewer that is connected and has not said a word. */
  async arrive(clientId: string, { token = this.token, role, headers }: ViewOptions = {}): Promise<Viewer> {
    const body = role === undefined ? undefined : { role };
    const more = { method: 'POST', token, body, ...(headers === undefined ? {} : { headers }) };
    const minted = await ask(`/api/v1/sessions/${this.id}/tickets`, more);
    const { ticket } = z.object({ ticket: z.string() }).parse(await minted.json());
    return this.enter(ticket, clientId);
  }

  /** A viewer with this ticket, which may be refused. */
  async enter(ticket: string, clientId: string = crypto.randomUUID()): Promise<Viewer> {
    const response = await upgrade(`/ws/v1/sessions/${this.id}`, offer(ticket));
    if (response.webSocket === null) throw new Error(`refused with ${response.status}`);
    return new Viewer(response.webSocket, clientId);
  }
}

/** A viewer that puts its output together. `acks`: whether it acknowledges what it gets. */
export class Viewer extends Peer<SessionToViewer> {
  acks = true;
  text = '';
  receivedBytes = 0;
  screens = 0;
  stream = 0;
  /** As the welcome said. */
  role: Role | null = null;

  readonly clientId: string;

  constructor(socket: WebSocket, clientId: string) {
    super(socket, SessionToViewer);
    this.clientId = clientId;
    this.onFrame = (frame) => {
      if (frame.kind === FrameKind.Snapshot) {
        this.screens += 1;
        this.receivedBytes = frame.offset;
      } else if (frame.kind === FrameKind.Output) {
        if (frame.offset > this.receivedBytes) throw new Error(`gap before ${frame.offset}`);
        const fresh = frame.payload.subarray(this.receivedBytes - frame.offset);
        this.receivedBytes += fresh.length;
        this.text = (this.text + new TextDecoder().decode(fresh)).slice(-KEPT_CHARS);
      } else return;
      if (this.acks) this.ack(frame.channel, this.receivedBytes);
    };
  }

  async welcomed(): Promise<void> {
    const welcome = await this.take('welcome');
    this.stream = welcome.stream;
    this.role = welcome.role;
  }

  ack(channel: number, offset: number): void {
    this.frame({ kind: FrameKind.OutputAck, channel, offset });
  }

  async open(command?: string[]): Promise<TerminalInfo> {
    this.send({ type: 'terminal.open', requestId: crypto.randomUUID(), size: SIZE, command });
    return (await this.take('terminal.opened')).terminal;
  }

  async attach(channel: number, offset: number | null): Promise<void> {
    this.send({ type: 'attach', channel, offset });
    await this.take('attached');
  }

  /** Waits until it is told that its host stands so. */
  async hostIs(state: HostLink['state']): Promise<void> {
    const Delta = z.object({ host: z.object({ state: z.string().optional() }) });
    for (;;) {
      const { delta } = (await this.take('event')).event;
      if (Delta.safeParse(delta).data?.host.state === state) return;
    }
  }

  shows(text: string): Promise<true> {
    return this.until(() => (this.text.includes(text) ? true : undefined), JSON.stringify(text));
  }
}

function offer(ticket: string): Record<string, string> {
  return { 'sec-websocket-protocol': `${SUBPROTOCOL}, ${TICKET_SUBPROTOCOL_PREFIX}${ticket}` };
}

/** A session with one viewer in one running terminal on a played host, which has printed `ready.` */
export async function playTerminal() {
  const host = await PlayedHost.join();
  const session = await PlayedSession.create();
  const viewer = await session.view();
  const serving = host.serve(session.id);
  const { channel } = await viewer.open();
  await serving;
  await host.opened(channel);
  await viewer.attach(channel, 0);
  host.print(channel, 'ready.');
  await viewer.shows('ready.');
  return { host, session, viewer, channel };
}
