import { CloseCode } from '../../protocol/close-codes.ts';
import { MAX_TERMINALS } from '../../protocol/limits.ts';
import { parseMessage } from '../../protocol/messages/codec.ts';
import type { ErrorCode } from '../../protocol/messages/errors.ts';
import type { Focus } from '../../protocol/messages/session.ts';
import { ViewerToSession } from '../../protocol/messages/viewer.ts';
import { decodeFrame } from '../../protocol/stream/frame.ts';
import { MAX_VIOLATIONS } from './limits.ts';
import type { Parts } from './parts.ts';
import { toTerminalInfo } from './session-view.ts';
import type { ViewerSocket } from './viewer-socket.ts';

const FOLLOWING: ReadonlySet<ViewerToSession['type']> = new Set([
  ...(['events.since', 'state.get', 'sync.check', 'receipt'] as const),
]);

type Said<T extends ViewerToSession['type']> = Extract<ViewerToSession, { type: T }>;

/** What viewers say: each message to the unit that answers it, each bad one to its typed error. */
export class ViewerMessages {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** Whatever came through a viewer's socket and may pass. */
  receive(viewer: ViewerSocket, message: string | ArrayBuffer): void {
    if (typeof message === 'string') this.#text(viewer, message);
    else this.#frame(viewer, message);
  }

  /** A binary frame. The hot path of input and acknowledgements: no JSON, no storage. */
  #frame(viewer: ViewerSocket, raw: ArrayBuffer): void {
    const decoded = decodeFrame(raw);
    if (!decoded.ok) return this.#violation(viewer, decoded.error, 'Not a frame of this protocol.');
    if (viewer.client === null) return this.#violation(viewer, 'hello-expected', 'Say hello first.');
    if (!this.#parts.hub.fromViewer(viewer, decoded.frame, raw)) this.#count(viewer);
  }

  /** A JSON control message. */
  #text(viewer: ViewerSocket, text: string): void {
    if (!viewer.controlRate.take(Date.now())) {
      return this.#violation(viewer, 'rate-limited', 'Too many messages; slow down.', CloseCode.RateLimited);
    }
    const parsed = parseMessage(ViewerToSession, text);
    if (!parsed.ok) return this.#violation(viewer, parsed.code, parsed.detail);
    const { message } = parsed;
    if (!viewer.may(`message.${message.type}`)) return this.#forbidden(viewer, message);
    if (message.type === 'hello') return this.#hello(viewer, message);
    if (viewer.client === null) return this.#violation(viewer, 'hello-expected', 'Say hello first.');
    // Keeping up with the state is no use of the session.
    if (!FOLLOWING.has(message.type)) this.#parts.lifecycle.active();
    switch (message.type) {
      case 'attach':
        return this.#attach(viewer, message);
      case 'detach':
        if (!this.#parts.hub.detach(viewer, message.channel)) this.#notAttached(viewer, message.channel);
        return;
      case 'resize':
        return this.#resize(viewer, message);
      case 'focus':
        return this.#focus(viewer, message.focus);
      case 'participants.get':
        return viewer.send({ type: 'participants', participants: this.#parts.participants.list() });
      case 'events.since':
        return this.#events(viewer, message.version);
      case 'state.get':
        return viewer.send({ type: 'state', ...this.#parts.events.current });
      case 'receipt':
        return viewer.unread.receipt(message.position);
      case 'sync.check':
        return viewer.send({ type: 'event', event: this.#parts.events.heartbeat() });
      default:
        return this.#change(viewer, message);
    }
  }

  #hello(viewer: ViewerSocket, message: Said<'hello'>): void {
    const { events, streams, participants, places, presence, lifecycle, placement } = this.#parts;
    if (viewer.client !== null) {
      return this.#violation(viewer, 'message-invalid', 'Say hello once; reconnect to be somebody else.');
    }
    const stream = streams.numberOf(viewer.userId, message.clientId);
    if (stream === null) {
      viewer.fail('limit-exceeded', 'This session has seen too many clients.');
      return viewer.close(CloseCode.LimitExceeded, 'too many clients');
    }
    viewer.introduce({ id: message.clientId, stream }, message.device ?? null);
    participants.greeted();
    if (!participants.keepNewest(viewer)) return;
    places.claim(viewer);
    lifecycle.viewerCame();
    viewer.send({
      type: 'welcome',
      clientId: message.clientId,
      role: viewer.role,
      participants: participants.list(),
      stream,
      ...events.catchUp(message.version),
    });
    presence.changed(viewer);
    placement.wantNow();
  }

  #attach(viewer: ViewerSocket, message: Said<'attach'>): void {
    const { channel, offset } = message;
    const { hub, terminalRows, placement } = this.#parts;
    const output = hub.get(channel);
    const row = terminalRows.get(channel);
    if (output === undefined || row === undefined) {
      return viewer.fail('terminal-not-found', `This session has no terminal ${channel}.`, { channel });
    }
    if (!viewer.cursors.has(channel) && viewer.cursors.size >= MAX_TERMINALS) {
      return viewer.fail('limit-exceeded', `Attach to at most ${MAX_TERMINALS} terminals.`, { channel });
    }
    const terminal = toTerminalInfo(row);
    hub.attach(viewer, output, offset, (mode, at) => {
      viewer.send({ type: 'attached', channel, mode, offset: at, terminal });
    });
    placement.wantNow();
  }

  #resize(viewer: ViewerSocket, message: Said<'resize'>): void {
    const cursor = viewer.cursors.get(message.channel);
    if (cursor === undefined) return this.#notAttached(viewer, message.channel);
    this.#parts.sizing.resize(viewer, cursor, message);
  }

  /** A terminal that is gone by now is as good as none. */
  #focus(viewer: ViewerSocket, focus: Focus | null): void {
    const known = focus !== null && this.#parts.terminalRows.get(focus.channel) !== undefined;
    if (viewer.lookAt(known ? focus : null)) this.#parts.presence.changed(viewer);
  }

  #events(viewer: ViewerSocket, version: number): void {
    const { events } = this.#parts;
    const page = events.since(version);
    if (page === null) viewer.send({ type: 'state', ...events.current });
    else viewer.send({ type: 'events', events: page, version: events.current.version });
  }

  /** Messages that change terminals. */
  #change(viewer: ViewerSocket, message: Said<'terminal.open' | 'terminal.close' | 'terminal.rename'>): void {
    const { terminals, records } = this.#parts;
    const who = { userId: viewer.userId, workspaceId: records.row.workspaceId };
    const about =
      message.type === 'terminal.open' ? { requestId: message.requestId } : { channel: message.channel };
    if (message.type === 'terminal.open') {
      const requestKey = `${viewer.userId}\n${viewer.client?.id ?? ''}\n${message.requestId}`;
      const opened = terminals.open(who, message, requestKey);
      if (!opened.ok) return viewer.fail(opened.code, opened.detail, about);
      return viewer.send({ type: 'terminal.opened', requestId: message.requestId, terminal: opened.value });
    }
    const { channel } = message;
    const done =
      message.type === 'terminal.close'
        ? terminals.close(who, channel)
        : terminals.rename(channel, message.title);
    if (!done.ok) viewer.fail(done.code, done.detail, about);
  }

  #notAttached(viewer: ViewerSocket, channel: number): void {
    viewer.fail('not-attached', 'Attach to the terminal first.', { channel });
  }

  #forbidden(viewer: ViewerSocket, message: ViewerToSession): void {
    const about =
      'requestId' in message
        ? { requestId: message.requestId }
        : 'channel' in message
          ? { channel: message.channel }
          : {};
    this.#parts.audit.denied(viewer.userId, `message.${message.type}`);
    viewer.fail('forbidden', 'You may watch this session, not change it; ask an owner for more.', about);
  }

  #violation(
    viewer: ViewerSocket,
    code: ErrorCode,
    detail: string,
    closeCode: CloseCode = CloseCode.ProtocolError,
  ): void {
    viewer.fail(code, detail);
    this.#count(viewer, closeCode);
  }

  /** One more offence; the last one ends the socket. */
  #count(viewer: ViewerSocket, closeCode: CloseCode = CloseCode.ProtocolError): void {
    viewer.violations += 1;
    if (viewer.violations < MAX_VIOLATIONS) return;
    viewer.close(closeCode, 'too many bad messages');
    this.#parts.participants.leave(viewer.ws);
  }
}
