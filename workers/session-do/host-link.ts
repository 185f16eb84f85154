import { z } from 'zod';
import { CloseCode } from '../../protocol/close-codes.ts';
import { KEEPALIVE_INTERVAL_MS, KEEPALIVE_TIMEOUT_MS } from '../../protocol/limits.ts';
import type { ErrorCode } from '../../protocol/messages/errors.ts';
import type { SessionToHost } from '../../protocol/messages/host.ts';
import type { HostPort } from './output-source.ts';

/** What a host's socket carries through hibernation. */
const Attachment = z.object({ door: z.literal('host'), epoch: z.number(), ready: z.boolean() });

/** When the platform last answered a keepalive of this socket for us; null when it never did. */
type LastPing = (ws: WebSocket) => Date | null;

/** A link that said nothing for so long, not even a keepalive, is taken for dead: its end may never be heard of. */
const SILENT_MS = KEEPALIVE_INTERVAL_MS + KEEPALIVE_TIMEOUT_MS / 2;

/** The one current data socket of a host. Sockets of older epochs are closed, whatever they say is not heard. */
export class HostLink implements HostPort {
  #ws: WebSocket | null = null;
  #epoch = 0;
  #ready = false;
  readonly #lastPing: LastPing;
  /** When anything was last heard, as far as this life of the actor knows. */
  #heardAtMs = 0;
  /** Frames and messages that were not of the protocol. */
  violations = 0;
  /** When something was last sent, in milliseconds since the epoch; 0 when not since the actor woke. */
  sentAtMs = 0;

  constructor(lastPing: LastPing) {
    this.#lastPing = lastPing;
  }

  /** Takes up a socket that was there before the actor woke, if it is of the current epoch; else closes it. */
  restore(ws: WebSocket, epoch: number): void {
    const parsed = Attachment.safeParse(ws.deserializeAttachment());
    if (!parsed.success || parsed.data.epoch !== epoch) {
      closeQuietly(ws, CloseCode.StaleEpoch, 'another placement is current');
      return;
    }
    this.#ws = ws;
    this.#epoch = epoch;
    this.#ready = parsed.data.ready;
    this.#heardAtMs = Date.now();
  }

  /** Makes a fresh socket the current one; an older one is told that it is stale. */
  take(ws: WebSocket, epoch: number): void {
    this.drop(CloseCode.StaleEpoch, 'another placement is current');
    this.#ws = ws;
    this.#epoch = epoch;
    this.#ready = false;
    this.#heardAtMs = Date.now();
    this.violations = 0;
    this.#save();
  }

  /** True when `ws` is the current socket: the only one to be believed. */
  is(ws: WebSocket): boolean {
    return ws === this.#ws;
  }

  get connected(): boolean {
    return this.#ws !== null;
  }

  /** The sandbox answered `sandbox.ready` on this socket. */
  get ready(): boolean {
    return this.#ws !== null && this.#ready;
  }

  /** Something came in. */
  heard(nowMs: number): void {
    this.#heardAtMs = nowMs;
  }

  /** True when nothing was heard for long: the connection is half open, and what is sent goes nowhere. */
  silent(nowMs: number): boolean {
    if (this.#ws === null || nowMs - this.#heardAtMs < SILENT_MS) return false;
    return nowMs - (this.#lastPing(this.#ws)?.getTime() ?? 0) >= SILENT_MS;
  }

  markReady(): void {
    this.#ready = true;
    this.#save();
  }

  send(message: SessionToHost): void {
    this.#sendRaw(JSON.stringify(message));
  }

  sendFrame(bytes: ArrayBuffer | Uint8Array): void {
    this.#sendRaw(bytes);
  }

  /** A typed error for the host's log. */
  fail(code: ErrorCode, detail: string): void {
    this.#sendRaw(JSON.stringify({ type: 'error', code, detail }));
  }

  /** Closes the current socket, if any. Its close event is not news any more. */
  drop(code: CloseCode, reason: string): void {
    const ws = this.#ws;
    this.#ws = null;
    this.#ready = false;
    if (ws !== null) closeQuietly(ws, code, reason);
  }

  /** The current socket has closed by itself. */
  forget(): void {
    this.#ws = null;
    this.#ready = false;
  }

  #save(): void {
    this.#ws?.serializeAttachment({ door: 'host', epoch: this.#epoch, ready: this.#ready });
  }

  #sendRaw(data: string | ArrayBuffer | Uint8Array): void {
    this.sentAtMs = Date.now();
    try {
      this.#ws?.send(data);
    } catch {
      // It is closing; the close event says so.
    }
  }
}

function closeQuietly(ws: WebSocket, code: CloseCode, reason: string): void {
  try {
    ws.close(code, reason);
  } catch {
    // It was closing already.
  }
}
