import WebSocket from 'ws';
import { CloseCode, SUBPROTOCOL, TICKET_SUBPROTOCOL_PREFIX } from '../../protocol/close-codes.ts';
import { MAX_MESSAGE_BYTES } from '../../protocol/limits.ts';
import type { SessionToHost } from '../../protocol/messages/host.ts';
import { MAX_FRAME_BYTES } from '../../protocol/stream/frame.ts';
import type { Logger } from '../shared/log.ts';
import type { HostConfig } from './config.ts';
import { dialExecutor } from './executor-client.ts';
import { keepAlive } from './keepalive.ts';
import { pump } from './pump.ts';

/** Both connections have to stand within this time. */
const DIAL_TIMEOUT_MS = 10_000;

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
 * One session's stream: the data socket to its actor on one side, the executor on the other, and a pump between them.
 * It never reconnects by itself: the actor asks for a new placement, with a new epoch.
 */
export class DataLink {
  readonly placement: Placement;
  readonly #executor: WebSocket;
  #edge: WebSocket | null = null;
  #stands = false;
  #ended = false;
  readonly #onEnd: (end: LinkEnd) => void;
  readonly #log: Logger;
  readonly #deadline: NodeJS.Timeout;

  /** Dials at once. `onEnd` is called exactly once. */
  constructor(config: HostConfig, placement: Placement, log: Logger, onEnd: (end: LinkEnd) => void) {
    this.placement = placement;
    this.#log = log;
    this.#onEnd = onEnd;
    this.#deadline = setTimeout(() => this.#end('connecting took too long'), DIAL_TIMEOUT_MS);
    // The executor first: the actor speaks as soon as its socket is accepted.
    this.#executor = dialExecutor(config, placement.sessionId, placement.epoch);
    this.#executor.on('error', (error) => this.#end(`executor: ${error.message}`));
    this.#executor.on('close', (code) => this.#end(`executor closed the stream (${code})`, code));
    this.#executor.on('open', () => this.#dialEdge(config));
  }

  /** Ends the link; with `suspend` the sandbox is stopped as well, because the session lives elsewhere now. */
  close(detail: string, options: { suspend: boolean } = { suspend: false }): void {
    if (options.suspend && this.#executor.readyState === WebSocket.OPEN) {
      const message: SessionToHost = { type: 'sandbox.suspend' };
      this.#executor.send(JSON.stringify(message));
    }
    this.#end(detail, CloseCode.Normal);
  }

  #dialEdge(config: HostConfig): void {
    const url = `${config.edgeUrl.replace(/^http/, 'ws')}/host/v1/sessions/${this.placement.sessionId}`;
    const edge = new WebSocket(url, [SUBPROTOCOL, TICKET_SUBPROTOCOL_PREFIX + this.placement.ticket], {
      perMessageDeflate: false,
      handshakeTimeout: DIAL_TIMEOUT_MS,
      maxPayload: Math.max(MAX_FRAME_BYTES, MAX_MESSAGE_BYTES),
      generateMask: noMask,
    });
    this.#edge = edge;
    pump(edge, this.#executor);
    pump(this.#executor, edge);
    edge.on('error', (error) => this.#end(`edge: ${error.message}`));
    edge.on('close', (code, reason) =>
      this.#end(`edge closed the stream (${code} ${reason.toString()})`, code),
    );
    edge.on('open', () => {
      clearTimeout(this.#deadline);
      this.#stands = true;
      keepAlive(edge);
      this.#log.debug('data link stands');
    });
  }

  #end(detail: string, code?: number): void {
    if (this.#ended) return;
    this.#ended = true;
    clearTimeout(this.#deadline);
    const closeCode = code !== undefined && isSendable(code) ? code : CloseCode.GoingAway;
    for (const socket of [this.#edge, this.#executor]) shut(socket, closeCode);
    this.#onEnd({ failed: !this.#stands, detail });
  }
}

/**
 * A mask of zeros, which spares a copy and a pass over every byte. Masks keep web pages from forging requests that old
 * proxies would believe (RFC 6455, section 10.3); what this program sends is not chosen by a page.
 */
function noMask(mask: Buffer): void {
  mask.fill(0);
}

/** Codes 1005, 1006 and 1015 only describe an ending; they cannot be sent. */
function isSendable(code: number): boolean {
  return code === CloseCode.Normal || (code >= 4000 && code <= 4999);
}

function shut(socket: WebSocket | null, code: number): void {
  if (socket === null) return;
  // An error after this is only the ending itself.
  socket.on('error', () => undefined);
  if (socket.readyState === WebSocket.CONNECTING) socket.terminate();
  else socket.close(code);
}
