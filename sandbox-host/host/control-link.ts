import { setTimeout as delay } from 'node:timers/promises';
import WebSocket from 'ws';
import { CloseCode, SUBPROTOCOL } from '../../protocol/close-codes.ts';
import { MAX_MESSAGE_BYTES } from '../../protocol/limits.ts';
import { parseMessage } from '../../protocol/messages/codec.ts';
import { type HostToRegion, RegionToHost } from '../../protocol/messages/host.ts';
import { Backoff } from '../../protocol/stream/backoff.ts';
import type { Logger } from '../shared/log.ts';
import type { HostConfig } from './config.ts';
import { signHostToken } from './host-token.ts';
import { keepAlive } from '../shared/keepalive.ts';

const HANDSHAKE_TIMEOUT_MS = 10_000;

/** What the owner of a control link provides. */
export interface ControlLinkHandlers {
  /** First message of every connection. */
  hello(): Promise<HostToRegion>;
  onMessage(message: RegionToHost): void;
  /** Another process says hello for this host now; the link has stopped. */
  onReplaced(): void;
}

/** The host's one control socket to its RegionDO, kept up with backoff until it is stopped. */
export class ControlLink {
  readonly #config: HostConfig;
  readonly #handlers: ControlLinkHandlers;
  readonly #log: Logger;
  readonly #stopping = new AbortController();
  #socket: WebSocket | null = null;

  constructor(config: HostConfig, handlers: ControlLinkHandlers, log: Logger) {
    this.#config = config;
    this.#handlers = handlers;
    this.#log = log;
  }

  /** Connects, and again whenever the connection ends. Settles after {@link stop}. */
  async run(): Promise<void> {
    const backoff = new Backoff(Math.random);
    while (!this.#stopping.signal.aborted) {
      try {
        await delay(backoff.next(), undefined, { signal: this.#stopping.signal });
        const detail = await this.#connectOnce(() => backoff.reset());
        if (!this.#stopping.signal.aborted) this.#log.warn({ detail }, 'control link ended');
      } catch (error) {
        if (this.#stopping.signal.aborted) return;
        this.#log.warn(
          { detail: error instanceof Error ? error.message : String(error) },
          'control link failed',
        );
      }
    }
  }

  /** Sends now, or drops the message when there is no connection: state is told anew in the next hello. */
  send(message: HostToRegion): void {
    if (this.#socket?.readyState === WebSocket.OPEN) this.#socket.send(JSON.stringify(message));
  }

  stop(): void {
    this.#stopping.abort();
    this.#socket?.close(1000);
  }

  async #connectOnce(onWelcome: () => void): Promise<string> {
    const [token, hello] = await Promise.all([signHostToken(this.#config), this.#handlers.hello()]);
    const socket = new WebSocket(
      `${this.#config.edgeUrl.replace(/^http/, 'ws')}/host/v1/control`,
      [SUBPROTOCOL],
      {
        headers: { authorization: `Bearer ${token}` },
        perMessageDeflate: false,
        handshakeTimeout: HANDSHAKE_TIMEOUT_MS,
        maxPayload: MAX_MESSAGE_BYTES,
      },
    );
    this.#socket = socket;
    return new Promise((resolve) => {
      let detail = 'closed';
      socket.on('open', () => {
        keepAlive(socket);
        socket.send(JSON.stringify(hello));
      });
      socket.on('message', (data: Buffer, isBinary: boolean) => {
        const text = isBinary ? '' : data.toString('utf8');
        if (text === 'pong') return;
        const parsed = parseMessage(RegionToHost, text);
        if (!parsed.ok) {
          this.#log.warn(
            { code: parsed.code, detail: parsed.detail },
            'message from the region not understood',
          );
          return;
        }
        if (parsed.message.type === 'welcome') onWelcome();
        this.#handlers.onMessage(parsed.message);
      });
      socket.on('error', (error) => {
        detail = error.message;
      });
      socket.on('close', (code, reason) => {
        if (this.#socket === socket && code === CloseCode.Replaced) {
          // Coming back would only end the other one's link, and so on for ever.
          this.stop();
          this.#handlers.onReplaced();
        }
        if (this.#socket === socket) this.#socket = null;
        resolve(`${detail} (${code} ${reason.toString()})`.trim());
      });
    });
  }
}
