import type { ViewerSocket } from './viewer-socket.ts';

interface Pending {
  channel: number;
  viewers: Set<ViewerSocket>;
  /** The first chunk has come: nobody can join any more. */
  started: boolean;
  askedAtMs: number;
}

/** A screen not delivered after so long is asked for again. */
const ANSWER_TIMEOUT_MS = 10_000;

/**
 * Screens asked of the executor and not yet answered. Viewers who ask for the same terminal before its answer starts
 * share one. Numbers start at random, so that an answer to a request from before a wake finds nobody.
 */
export class SnapshotRequests {
  readonly #pending = new Map<string, Pending>();
  #next = 1 + ((crypto.getRandomValues(new Uint32Array(1))[0] ?? 0) >>> 2);

  /** Registers a wish. The number to send to the executor, or null when one on its way serves. */
  ask(channel: number, viewer: ViewerSocket): number | null {
    const askedAtMs = Date.now();
    for (const [id, pending] of this.#pending) {
      if (pending.channel !== channel) continue;
      if (askedAtMs - pending.askedAtMs > ANSWER_TIMEOUT_MS) {
        this.#pending.delete(id);
        continue;
      }
      if (pending.viewers.has(viewer)) return null;
      if (pending.started) continue;
      pending.viewers.add(viewer);
      return null;
    }
    const request = this.#next++;
    this.#pending.set(key(request, channel), {
      channel,
      viewers: new Set([viewer]),
      started: false,
      askedAtMs,
    });
    return request;
  }

  /** Registers an answer nobody asked for by number (request 0: the answer to a replay). */
  begin(request: number, channel: number, viewers: ViewerSocket[]): void {
    this.#pending.set(key(request, channel), {
      channel,
      viewers: new Set(viewers),
      started: true,
      askedAtMs: Date.now(),
    });
  }

  /** Who gets a chunk. `first` closes the request to others. */
  receivers(request: number, channel: number, first: boolean): ViewerSocket[] {
    const pending = this.#pending.get(key(request, channel));
    if (pending === undefined) return [];
    if (first) pending.started = true;
    return pending.started ? [...pending.viewers] : [];
  }

  finish(request: number, channel: number): void {
    this.#pending.delete(key(request, channel));
  }

  /** A viewer no longer wants its screen of this terminal. */
  leave(channel: number, viewer: ViewerSocket): void {
    for (const pending of this.#pending.values())
      if (pending.channel === channel) pending.viewers.delete(viewer);
  }

  /** Drops the requests of a terminal that cannot be reached. */
  forget(channel: number): void {
    for (const [id, pending] of this.#pending) if (pending.channel === channel) this.#pending.delete(id);
  }
}

function key(request: number, channel: number): string {
  return `${request}/${channel}`;
}
