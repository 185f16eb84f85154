import type { TerminalExit, TerminalInfo, TerminalSize } from '../protocol/messages/session.ts';
import { deferred } from './deferred.ts';
import { Emitter, type Listener } from './emitter.ts';
import { SessionError } from './errors.ts';
import { OutputQueue } from './output-queue.ts';
import type { ScreenSnapshot } from './screen-assembly.ts';
import type { SessionClient } from './session-client.ts';
import type { TerminalSink } from './stream-port.ts';
import type { TerminalStream } from './terminal-stream.ts';

/** What a {@link Terminal} tells. */
export interface TerminalEvents {
  /** Bytes printed, in order, each once. */
  output: [bytes: Uint8Array];
  /** An exact screen that stands for all output so far: after an attach, or where bytes were skipped. */
  screen: [screen: ScreenSnapshot];
  /** The size of all output that follows. */
  resized: [size: TerminalSize];
  /** After the last byte. */
  exited: [exit: TerminalExit];
}

const encoder = new TextEncoder();

/**
 * One terminal of a session, for programs. Its output is to be read as that of a pipe is: by iterating over
 * {@link output}, by a listener of `output`, or, where nobody wants it, by {@link ignoreOutput}; a program whose output is not
 * read waits once 512 KiB are under way. What draws a terminal gives a sink of its own instead.
 */
export class Terminal {
  readonly stream: TerminalStream;
  readonly #client: SessionClient;
  readonly #feed: TerminalFeed;

  constructor(client: SessionClient, stream: TerminalStream, feed: TerminalFeed) {
    this.#client = client;
    this.stream = stream;
    this.#feed = feed;
  }

  /** Its number in the session. */
  get channel(): number {
    return this.stream.channel;
  }

  /** As last announced; null before the first answer. */
  get info(): TerminalInfo | null {
    return this.stream.info;
  }

  /** Everything printed, in chunks; ends with the program. One reader at a time. */
  get output(): AsyncIterableIterator<Uint8Array> {
    return this.#feed.queue;
  }

  /** How the program ended, once everything it printed was handed out. Rejects when the session ends before it. */
  get exited(): Promise<TerminalExit> {
    return this.#feed.exit.promise;
  }

  on<Name extends keyof TerminalEvents>(
    name: Name,
    listener: Listener<TerminalEvents[Name]>,
    options: { signal?: AbortSignal | undefined } = {},
  ): () => void {
    if (name === 'output') this.#feed.queue.discard();
    return this.#feed.events.on(name, listener, options);
  }

  /** Nobody will read the output: the program need not wait for it. */
  ignoreOutput(): void {
    this.#feed.queue.discard();
  }

  /** Types text (as UTF-8) or bytes, each applied once. False, and nothing typed: too much waits, or the program has ended. */
  write(keys: string | Uint8Array): boolean {
    return this.stream.write(typeof keys === 'string' ? encoder.encode(keys) : keys);
  }

  resize(size: TerminalSize): void {
    this.stream.resize(size);
  }

  /** All output as text, once the program has ended. Throws RangeError beyond `maxBytes`. */
  async text(maxBytes = 16 * 1024 * 1024): Promise<string> {
    const decoder = new TextDecoder();
    let text = '';
    let bytes = 0;
    for await (const chunk of this.output) {
      bytes += chunk.length;
      if (bytes > maxBytes) throw new RangeError(`More than ${maxBytes} bytes of output.`);
      text += decoder.decode(chunk, { stream: true });
    }
    return text + decoder.decode();
  }

  /** Ends the program, as closing its window would. */
  close(): void {
    this.#client.closeTerminal(this.channel);
  }

  /** Leaves it running and hears no more of it. */
  detach(): void {
    this.#client.detach(this.channel);
    this.#feed.end(new SessionError('ended', 'You detached from this terminal.', this.channel));
  }
}

/** What a session brings to a terminal, on its way to those who read it. Made before the terminal is known. */
export class TerminalFeed {
  readonly events = new Emitter<TerminalEvents>();
  readonly queue = new OutputQueue();
  readonly exit = deferred<TerminalExit>();
  readonly sink: TerminalSink;

  /** `sink`: draws it; the output is its concern then. */
  constructor(sink?: TerminalSink) {
    // Whoever does not ask how it ended does not want to hear that it cannot be known.
    this.exit.promise.catch(() => undefined);
    if (sink !== undefined) this.queue.discard();
    this.sink = {
      output: (bytes, consumed, end) => {
        this.events.emit('output', bytes);
        if (sink === undefined) this.queue.push(bytes, consumed);
        else sink.output(bytes, consumed, end);
      },
      screen: (screen, consumed) => {
        this.events.emit('screen', screen);
        if (sink === undefined) this.queue.restart(screen.bytes, consumed);
        else sink.screen(screen, consumed);
      },
      resized: (size) => {
        this.events.emit('resized', size);
        sink?.resized?.(size);
      },
      exited: (exit) => {
        sink?.exited?.(exit);
        this.queue.end(null);
        this.exit.resolve(exit);
        this.events.emit('exited', exit);
      },
    };
  }

  /** Nothing more comes, and not because the program ended. */
  end(error: SessionError): void {
    this.queue.end(error);
    this.exit.reject(error);
  }
}
