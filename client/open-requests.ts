import type { TerminalInfo, TerminalSize } from '../protocol/messages/session.ts';
import type { SessionToViewer, ViewerToSession } from '../protocol/messages/viewer.ts';
import { SessionError } from './errors.ts';
import type { TerminalSink } from './stream-port.ts';
import type { TerminalStream } from './terminal-stream.ts';

/** What to open a terminal with. */
export interface OpenTerminal {
  size: TerminalSize;
  title?: string;
  command?: string[];
}

/** The message that asks for a terminal. */
export type OpenMessage = Extract<ViewerToSession, { type: 'terminal.open' }>;

interface Pending {
  message: OpenMessage;
  sink: TerminalSink;
  resolve(stream: TerminalStream): void;
  reject(error: Error): void;
}

/** Requests for terminals that are not answered yet. Each keeps its id, so that asking it again opens no second one. */
export class OpenRequests {
  readonly #pending = new Map<string, Pending>();

  /** A new request: the message to send, and the terminal to come. `sink`: where its output goes. */
  add(request: OpenTerminal, sink: TerminalSink): { message: OpenMessage; opened: Promise<TerminalStream> } {
    const requestId = crypto.randomUUID();
    const message: OpenMessage = { type: 'terminal.open', requestId, ...request };
    const opened = new Promise<TerminalStream>((resolve, reject) => {
      this.#pending.set(requestId, { message, sink, resolve, reject });
    });
    return { message, opened };
  }

  /** What is to be asked (again) after every welcome, oldest first. */
  get messages(): OpenMessage[] {
    return [...this.#pending.values()].map(({ message }) => message);
  }

  /** A terminal was opened: `attach` makes the stream for whoever asked. Nobody did: nothing happens. */
  opened(
    requestId: string,
    terminal: TerminalInfo,
    attach: (channel: number, sink: TerminalSink) => TerminalStream,
  ): void {
    const pending = this.#take(requestId);
    pending?.resolve(attach(terminal.channel, pending.sink));
  }

  /** Something failed. False: it was not the answer to a request. */
  failed({ requestId }: Extract<SessionToViewer, { type: 'error' }>, error: SessionError): boolean {
    const pending = requestId === undefined ? undefined : this.#take(requestId);
    pending?.reject(error);
    return pending !== undefined;
  }

  /** No answer will come to any. */
  ended(reason: string): void {
    for (const { reject } of this.#pending.values()) reject(new SessionError('ended', reason));
    this.#pending.clear();
  }

  #take(requestId: string): Pending | undefined {
    const pending = this.#pending.get(requestId);
    this.#pending.delete(requestId);
    return pending;
  }
}
