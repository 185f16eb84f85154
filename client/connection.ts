import { SUBPROTOCOL, TICKET_SUBPROTOCOL_PREFIX } from '../protocol/close-codes.ts';
import {
  KEEPALIVE_INTERVAL_MS,
  KEEPALIVE_PING,
  KEEPALIVE_PONG,
  KEEPALIVE_TIMEOUT_MS,
} from '../protocol/limits.ts';
import { Backoff } from '../protocol/stream/backoff.ts';
import { afterClose, afterTicketFailure, type Said, type Verdict } from './connection-policy.ts';
import type { ClientSocket, OpenSocket } from './socket.ts';

/** Those told to come again at the same time do so within this. */
const RETRY_AFTER_SPREAD_MS = 1_000;

/** Where a connection stands, for a person to see. `attempt` counts failures since it last held. */
export type ConnectionState =
  | { kind: 'connecting'; attempt: number }
  | { kind: 'connected' }
  | { kind: 'waiting'; attempt: number; retryInMs: number }
  /** For good; `mustSignIn`: what it was signed in with is no good any more. */
  | { kind: 'ended'; reason: string; mustSignIn?: true };

/** What a connection tells its owner. */
export interface ConnectionEvents {
  /** The socket is open: say hello. */
  opened(): void;
  text(text: string): void;
  bytes(bytes: Uint8Array): void;
  /** The socket that was open is gone; another follows unless the state is `ended`. */
  lost(): void;
  state(state: ConnectionState): void;
}

/** A connection that comes back: ticket, socket, keepalive, backoff. It knows nothing of what travels on it. */
export class Connection {
  readonly #getTicket: () => Promise<{ url: string; ticket: string }>;
  readonly #openSocket: OpenSocket;
  readonly #events: ConnectionEvents;
  readonly #random: () => number;
  readonly #backoff: Backoff;
  #socket: ClientSocket | null = null;
  #open = false;
  /** Tells the current attempt from those given up. */
  #generation = 0;
  #retryTimer: ReturnType<typeof setTimeout> | null = null;
  #keepaliveTimer: ReturnType<typeof setTimeout> | null = null;
  #heardSincePing = true;
  #said: Said | null = null;
  #ended = false;

  constructor(
    source: { getTicket: () => Promise<{ url: string; ticket: string }>; openSocket: OpenSocket },
    events: ConnectionEvents,
    random: () => number = Math.random,
  ) {
    this.#getTicket = source.getTicket;
    this.#openSocket = source.openSocket;
    this.#events = events;
    this.#random = random;
    this.#backoff = new Backoff(random);
  }

  /** Whether bytes can be sent right now. */
  get isOpen(): boolean {
    return this.#open;
  }

  /** Starts, or tries again now instead of later (the network came back). A connection that stands is checked. */
  connectNow(): void {
    if (this.#ended) return;
    if (this.#open) return this.#ping();
    if (this.#socket !== null || (this.#retryTimer === null && this.#generation > 0)) return;
    void this.#attempt();
  }

  /** The owner is content (the peer welcomed it): the next loss starts the backoff anew. */
  settled(): void {
    this.#backoff.reset();
    this.#said = null;
    this.#events.state({ kind: 'connected' });
  }

  /** The peer said what is wrong with the connection itself; it may end because of that. */
  explain(said: Said): void {
    this.#said = said;
  }

  send(data: string | Uint8Array<ArrayBuffer>): void {
    if (this.#open) this.#socket?.send(data);
  }

  /** Drops the socket as a lost network would, and reconnects. */
  drop(): void {
    this.#lose({ kind: 'retry', slow: false });
  }

  /** Ends it for good. */
  end(reason: string): void {
    this.#lose({ kind: 'end', reason });
  }

  async #attempt(): Promise<void> {
    const generation = ++this.#generation;
    this.#clearTimers();
    this.#events.state({ kind: 'connecting', attempt: this.#backoff.attempt });
    let granted: { url: string; ticket: string };
    try {
      granted = await this.#getTicket();
    } catch (error) {
      if (generation === this.#generation) this.#lose(afterTicketFailure(error, this.#said));
      return;
    }
    if (generation !== this.#generation) return;
    const protocols = [SUBPROTOCOL, `${TICKET_SUBPROTOCOL_PREFIX}${granted.ticket}`];
    const current = (): boolean => generation === this.#generation;
    this.#socket = this.#openSocket(granted.url, protocols, {
      opened: () => {
        if (!current()) return;
        this.#open = true;
        this.#heardSincePing = true;
        this.#keepaliveTimer = setTimeout(() => this.#ping(), KEEPALIVE_INTERVAL_MS);
        this.#events.opened();
      },
      text: (text) => {
        if (!current()) return;
        this.#heardSincePing = true;
        if (text !== KEEPALIVE_PONG) this.#events.text(text);
      },
      bytes: (bytes) => {
        if (!current()) return;
        this.#heardSincePing = true;
        this.#events.bytes(bytes);
      },
      closed: (code) => {
        if (current()) this.#lose(afterClose(code, this.#said));
      },
    });
  }

  #ping(): void {
    if (this.#keepaliveTimer !== null) clearTimeout(this.#keepaliveTimer);
    this.#heardSincePing = false;
    this.send(KEEPALIVE_PING);
    this.#keepaliveTimer = setTimeout(() => {
      if (!this.#heardSincePing) return this.drop();
      this.#keepaliveTimer = setTimeout(() => this.#ping(), KEEPALIVE_INTERVAL_MS - KEEPALIVE_TIMEOUT_MS);
    }, KEEPALIVE_TIMEOUT_MS);
  }

  #lose(verdict: Verdict): void {
    if (this.#ended) return;
    this.#generation += 1;
    this.#clearTimers();
    const wasOpen = this.#open;
    const socket = this.#socket;
    this.#open = false;
    this.#socket = null;
    socket?.close();
    if (wasOpen) this.#events.lost();
    if (verdict.kind === 'end') {
      this.#ended = true;
      const { reason, mustSignIn } = verdict;
      this.#events.state({ kind: 'ended', reason, ...(mustSignIn === true ? { mustSignIn } : {}) });
      return;
    }
    const retryInMs = this.#waitMs(verdict);
    this.#events.state({ kind: 'waiting', attempt: this.#backoff.attempt, retryInMs });
    this.#retryTimer = setTimeout(() => void this.#attempt(), retryInMs);
  }

  #waitMs(verdict: Exclude<Verdict, { kind: 'end' }>): number {
    if (verdict.kind === 'retry' && verdict.slow) this.#backoff.slowDown();
    const scheduledMs = this.#backoff.next();
    if (verdict.kind === 'retry') return scheduledMs;
    // The edge gives each a time of its own, in whole seconds; which part of the second is left to chance.
    return Math.round(verdict.afterMs + RETRY_AFTER_SPREAD_MS * this.#random());
  }

  #clearTimers(): void {
    if (this.#retryTimer !== null) clearTimeout(this.#retryTimer);
    if (this.#keepaliveTimer !== null) clearTimeout(this.#keepaliveTimer);
    this.#retryTimer = null;
    this.#keepaliveTimer = null;
  }
}
