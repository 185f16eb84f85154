import type { HostTerminal, SessionToHost } from '../../protocol/messages/host.ts';
import type { TerminalSize } from '../../protocol/messages/session.ts';
import { encodeOffset, type Frame, FrameKind, MAX_PAYLOAD_BYTES } from '../../protocol/stream/frame.ts';
import { InputReceiver } from '../../protocol/stream/input-receiver.ts';
import { ByteRing } from '../../protocol/stream/ring.ts';
import type { Link } from '../../sandbox-host/executor/link.ts';
import type { ServedSession } from '../../sandbox-host/executor/server.ts';

/** Output kept for replay; the bench types little. */
const RING_BYTES = 64 * 1024;

interface EchoTerminal {
  size: TerminalSize;
  ring: ByteRing;
  input: InputReceiver;
  /** Where output goes; null while nobody follows. */
  link: Link | null;
}

/**
 * A session whose terminals give back what is typed: what real sandboxes by the thousand, which no one machine holds,
 * would be to the edge. Offsets, replay, exactly-once input and rest are those of the real executor.
 */
export class EchoSession implements ServedSession {
  readonly sessionId: string;
  readonly incarnation: string = crypto.randomUUID();
  /** They run to the end of the bench. */
  readonly over = false;
  epoch = 0;
  readonly #onChange: () => void;
  readonly #terminals = new Map<number, EchoTerminal>();
  #link: Link | null = null;
  #heard = 0;
  #quietAt: number | null = null;
  #wants = false;

  constructor(sessionId: string, onChange: () => void) {
    this.sessionId = sessionId;
    this.#onChange = onChange;
  }

  get linked(): boolean {
    return this.#link !== null;
  }

  get wants(): boolean {
    return this.#wants;
  }

  get progress(): number {
    let sum = this.#heard;
    for (const { ring } of this.#terminals.values()) sum += ring.end;
    return sum;
  }

  connect(link: Link): void {
    this.#link = link;
    this.#quietAt = null;
    this.#wants = false;
  }

  disconnect(link: Link): void {
    for (const terminal of this.#terminals.values()) if (terminal.link === link) terminal.link = null;
    if (this.#link !== link) return;
    this.#link = null;
    if (this.#quietAt === null || this.#quietAt === this.progress || this.#wants) return;
    this.#wants = true;
    this.#onChange();
  }

  dispose(): void {
    this.#terminals.clear();
  }

  tellQuiet(): void {
    this.#quietAt = this.progress;
    const terminals = [...this.#terminals].map(([channel, { ring, input }]) => ({
      channel,
      outputOffset: ring.end,
      inputs: input.all(),
    }));
    this.#link?.send({ type: 'session.quiet', terminals });
  }

  handle(message: SessionToHost, link: Link): void {
    this.#heard += 1;
    if (message.type === 'sandbox.ensure') {
      const terminals = [...this.#terminals].map(([channel, terminal]) => describe(channel, terminal));
      const { incarnation } = this;
      link.send({ type: 'sandbox.ready', incarnation, terminals, startedMs: 0, adopted: true });
    } else if (message.type === 'terminal.open') {
      const terminal = this.#terminals.get(message.channel) ?? create(message.size);
      this.#terminals.set(message.channel, terminal);
      link.send({ type: 'terminal.opened', terminal: describe(message.channel, terminal) });
      send(message.channel, terminal, link, 0);
    } else if ('channel' in message && message.channel !== undefined) {
      const terminal = this.#terminals.get(message.channel);
      if (terminal !== undefined) onTerminal(message, terminal, link);
    }
  }

  frame(frame: Frame, link: Link): void {
    this.#heard += 1;
    const terminal = this.#terminals.get(frame.channel);
    if (frame.kind !== FrameKind.Input || terminal === undefined) return;
    const { channel, stream } = frame;
    const decision = terminal.input.accept(stream, frame.offset, frame.payload);
    if (decision.kind === 'refused') throw new Error('More clients than the bench has.');
    if (decision.kind === 'gap' && !decision.signal) return;
    if (decision.kind === 'apply') {
      const offset = terminal.ring.end;
      terminal.ring.append(decision.bytes);
      terminal.link?.frame({ kind: FrameKind.Output, channel, offset, payload: decision.bytes });
    }
    const kind = decision.kind === 'gap' ? FrameKind.InputResume : FrameKind.InputAck;
    link.frame({
      ...{ kind, channel, stream, offset: decision.applied },
      payload: encodeOffset(terminal.ring.end),
    });
  }

  stop(): Promise<void> {
    return Promise.resolve();
  }
}

function create(size: TerminalSize): EchoTerminal {
  return { size, ring: new ByteRing(RING_BYTES), input: new InputReceiver(), link: null };
}

function describe(channel: number, { size, ring }: EchoTerminal): HostTerminal {
  return { channel, running: true, ...size, outputOffset: ring.end, ringOffset: ring.start, exit: null };
}

/** Follows the terminal on this link, beginning with what `offset` lacks. */
function send(channel: number, terminal: EchoTerminal, link: Link, offset: number): void {
  terminal.link = link;
  for (let at = offset; at < terminal.ring.end;) {
    const payload = terminal.ring.read(at, MAX_PAYLOAD_BYTES);
    if (payload === null) throw new Error('More typed than the bench keeps.');
    link.frame({ kind: FrameKind.Output, channel, offset: at, payload });
    at += payload.length;
  }
}

function onTerminal(
  message: Extract<SessionToHost, { channel?: unknown }>,
  terminal: EchoTerminal,
  link: Link,
): void {
  if (message.type === 'replay') send(message.channel, terminal, link, message.offset);
  else if (message.type === 'resize') {
    terminal.size = message.size;
    link.send({
      ...{ type: 'terminal.resized', channel: message.channel, offset: terminal.ring.end },
      ...message.size,
    });
  } else if (message.type === 'input.sync') {
    const { channel, stream } = message;
    const offset = terminal.input.applied(stream);
    const payload = encodeOffset(terminal.ring.end);
    link.frame({ kind: FrameKind.InputResume, channel, stream, offset, payload });
  }
}
