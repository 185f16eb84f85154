import type { SessionToViewer } from '../protocol/messages/viewer.ts';
import { decodeFrame } from '../protocol/stream/frame.ts';
import type { SharedState } from '../protocol/sync/shared-state.ts';
import type { InputStore } from './input-keeper.ts';
import type { StreamPort, TerminalSink } from './stream-port.ts';
import { TerminalStream } from './terminal-stream.ts';

/** The terminals a client is attached to, by channel: what comes goes to the one it is for. */
export class AttachedStreams {
  readonly #port: StreamPort;
  readonly #store: InputStore | null;
  readonly #streams = new Map<number, TerminalStream>();
  #mayType = true;

  /** `store` keeps typed bytes for the next client of the same id; null: they go with this one. */
  constructor(port: StreamPort, store: InputStore | null) {
    this.#port = port;
    this.#store = store;
  }

  /** Attaches to a terminal, in place of an earlier stream of it. `offset` null: an exact screen first. */
  attach(channel: number, sink: TerminalSink, offset: number | null): TerminalStream {
    this.#streams.get(channel)?.dispose();
    const stream = new TerminalStream(channel, offset, sink, this.#port, this.#store);
    this.#streams.set(channel, stream);
    stream.setMayType(this.#mayType);
    stream.linked();
    return stream;
  }

  /** Hears no more of a terminal. */
  detach(channel: number): void {
    const stream = this.#streams.get(channel);
    if (stream === undefined) return;
    stream.dispose();
    this.#streams.delete(channel);
    this.#port.send({ type: 'detach', channel });
  }

  /** A binary message. One that cannot be read leaves a gap, and gaps heal by themselves. */
  bytes(bytes: Uint8Array): void {
    const decoded = decodeFrame(bytes);
    if (decoded.ok) this.#streams.get(decoded.frame.channel)?.frame(decoded.frame);
  }

  /** A control message; those that are not about an attached terminal change nothing. */
  message(message: SessionToViewer): void {
    switch (message.type) {
      case 'attached':
        return this.#streams.get(message.channel)?.attached(message.mode, message.offset, message.terminal);
      case 'terminal.resized': {
        const { channel, offset, cols, rows } = message;
        return this.#streams.get(channel)?.resized(offset, { cols, rows });
      }
      case 'terminal.mode':
        return this.#streams.get(message.channel)?.modeTold(message.mode);
      case 'terminal.exited':
        return this.#streams.get(message.channel)?.exited(message.exit);
      default:
        return;
    }
  }

  /** The shared state has news of terminals. */
  updated({ terminals }: SharedState): void {
    for (const stream of this.#streams.values()) {
      const terminal = terminals[stream.channel];
      if (terminal !== undefined) stream.updated(terminal);
    }
  }

  /** Whether this person may type, in all of them and those to come. */
  setMayType(mayType: boolean): void {
    this.#mayType = mayType;
    for (const stream of this.#streams.values()) stream.setMayType(mayType);
  }

  /** The socket is up and welcomed. */
  linked(): void {
    for (const stream of this.#streams.values()) stream.linked();
  }

  /** The socket is gone. */
  unlinked(): void {
    for (const stream of this.#streams.values()) stream.unlinked();
  }

  /** Keeps in the store what was typed and not applied yet. */
  keepInput(): void {
    for (const stream of this.#streams.values()) stream.keepInput();
  }

  /** Stops timers; the streams are of no more use. */
  dispose(): void {
    for (const stream of this.#streams.values()) stream.dispose();
  }
}
