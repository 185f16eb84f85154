import { connect, isIP, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import type { Logger } from '../shared/log.ts';
import type { HostConfig } from './config.ts';
import { dialTunnel, suspendSession } from './executor-client.ts';
import { AnswerHead, intoOneBuffer, passOn } from './splice.ts';

/** Both connections have to stand, and the edge to have let the executor in, within this time. */
const DIAL_TIMEOUT_MS = 10_000;
/** What one side still has to send may take so long when the other has ended. */
const FLUSH_TIMEOUT_MS = 1_000;
/** Most that is on its way through this process, by direction. */
const OUTPUT_BUFFER_BYTES = 64 * 1024;
const INPUT_BUFFER_BYTES = 16 * 1024;
const SWITCHING_PROTOCOLS = 101;

/** What RegionDO asked for. */
export interface Placement {
  sessionId: string;
  epoch: number;
  ticket: string;
}

/** How a data link ended: before it stood (`failed`, with why), or later. */
export interface LinkEnd {
  failed: boolean;
  detail: string;
}

/**
 * One session's stream: a connection to the executor, one to the edge, and raw bytes passed between them. The executor
 * speaks the protocol with the actor itself; here it is only seen whether the edge let it in. A link never reconnects: the
 * actor asks for a new placement, with a new epoch.
 */
export class DataLink {
  readonly placement: Placement;
  readonly #config: HostConfig;
  readonly #executor: Socket;
  readonly #edge: Socket;
  readonly #onStands: () => void;
  readonly #onEnd: (end: LinkEnd) => void;
  readonly #log: Logger;
  readonly #deadline: NodeJS.Timeout;
  /** Null once the executor, or the edge, has said that it takes part. */
  #executorHead: AnswerHead | null = new AnswerHead();
  #edgeHead: AnswerHead | null = new AnswerHead();
  #ended = false;

  /** Dials at once. `onStands` is called at most once, `onEnd` exactly once. */
  constructor(
    config: HostConfig,
    placement: Placement,
    log: Logger,
    onEnd: (end: LinkEnd) => void,
    onStands: () => void = () => undefined,
  ) {
    this.placement = placement;
    this.#config = config;
    this.#log = log;
    this.#onStands = onStands;
    this.#onEnd = onEnd;
    this.#deadline = setTimeout(() => this.#end('connecting took too long'), DIAL_TIMEOUT_MS);
    const { sessionId, epoch, ticket } = placement;
    const edgeUrl = new URL(`${config.edgeUrl}/host/v1/sessions/${sessionId}`);
    const url = edgeUrl.href.replace(/^http/, 'ws');
    const fromExecutor = intoOneBuffer(OUTPUT_BUFFER_BYTES, (bytes) => this.#fromExecutor(bytes));
    const fromEdge = intoOneBuffer(INPUT_BUFFER_BYTES, (bytes) => this.#fromEdge(bytes));
    this.#executor = dialTunnel(config, sessionId, epoch, { url, ticket }, fromExecutor);
    this.#edge = connectEdge(edgeUrl, fromEdge);
    for (const [name, socket] of [
      ['executor', this.#executor],
      ['edge', this.#edge],
    ] as const) {
      socket.setNoDelay();
      socket.on('error', (error) => this.#end(`${name}: ${error.message}`));
      socket.on('close', () => this.#end(`the ${name} ended the stream`));
    }
  }

  /** Ends the link; with `suspend` the sandbox is stopped as well, because the session lives elsewhere now. */
  close(detail: string, options: { suspend: boolean } = { suspend: false }): void {
    if (options.suspend) {
      const { sessionId, epoch } = this.placement;
      suspendSession(this.#config, sessionId, epoch).catch((error: unknown) =>
        this.#log.warn({ detail: String(error) }, 'could not stop the sandbox of a session that left'),
      );
    }
    this.#end(detail);
  }

  #fromExecutor(bytes: Buffer): boolean {
    if (this.#executorHead === null) return passOn(bytes, this.#executor, this.#edge);
    const answer = this.#executorHead.feed(bytes);
    if (answer === null) return true;
    if (answer.status !== SWITCHING_PROTOCOLS) {
      this.#end(`the executor refused the stream (${answer.status})`);
      return false;
    }
    this.#executorHead = null;
    return answer.rest.length === 0 || passOn(answer.rest, this.#executor, this.#edge);
  }

  #fromEdge(bytes: Buffer): boolean {
    if (this.#edgeHead === null) return passOn(bytes, this.#edge, this.#executor);
    const answer = this.#edgeHead.feed(bytes);
    if (answer === null) return true;
    if (answer.status !== SWITCHING_PROTOCOLS) {
      this.#end(`the edge refused the stream (${answer.status})`);
      return false;
    }
    this.#edgeHead = null;
    clearTimeout(this.#deadline);
    this.#log.debug('data link stands');
    this.#onStands();
    return passOn(Buffer.concat([answer.head, answer.rest]), this.#edge, this.#executor);
  }

  #end(detail: string): void {
    if (this.#ended) return;
    this.#ended = true;
    clearTimeout(this.#deadline);
    const failed = this.#edgeHead !== null;
    for (const socket of [this.#executor, this.#edge]) {
      socket.end();
      const force = setTimeout(() => socket.destroy(), FLUSH_TIMEOUT_MS);
      socket.once('close', () => clearTimeout(force));
    }
    this.#onEnd({ failed, detail });
  }
}

/** A bare connection to where the URL points: TCP, or TLS for https. */
function connectEdge(url: URL, onread: ReturnType<typeof intoOneBuffer>): Socket {
  const host = url.hostname.replace(/^\[|\]$/g, '');
  if (url.protocol !== 'https:') return connect({ host, port: Number(url.port || 80), onread });
  // A name is what the certificate is checked against; an address is checked as such, and may not be sent as a name.
  const servername = isIP(host) === 0 ? host : '';
  // The library's types leave `onread` out.
  const options = { host, port: Number(url.port || 443), servername, onread };
  return connectTls(options);
}
