import { CloseCode } from '../../protocol/close-codes.ts';
import { HOST_LOST_MS } from '../../protocol/limits.ts';
import type { AlarmUnit } from '../shared/alarms.ts';
import { close } from './control-sockets.ts';
import { tellDirectory } from './host-directory.ts';
import { FORGET_HOST_MS, HELLO_TIMEOUT_MS } from './limits.ts';
import type { Parts } from './parts.ts';

/**
 * Notices hosts that go, by the end of their socket, by their silence, or by a restart of the actor, and tells their
 * sessions when they do not come back. One alarm stands for whatever is due next.
 */
export class HostWatch implements AlarmUnit {
  readonly name = 'hosts';
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** After a start of the actor: the platform drops an alarm after repeated failures, and a crash may have cut sockets. */
  async restore(): Promise<void> {
    const nowMs = Date.now();
    const current = this.#parts.sockets.current();
    for (const host of this.#parts.registry.hosts()) {
      const unnoticed = !current.has(host.hostId) && host.lostAtMs === null;
      if (unnoticed && this.#parts.registry.placementsOf(host.hostId).length > 0) {
        this.#parts.registry.leave(host.hostId, host.lastSeenAtMs, nowMs + HOST_LOST_MS);
      }
    }
    await this.arm();
  }

  /** Closes sockets that say nothing, and settles the sessions of hosts that are lost. */
  async run(nowMs: number): Promise<void> {
    for (const each of this.#parts.sockets.all()) {
      const silentMs = nowMs - this.#parts.sockets.lastSeenAtMs(each);
      if (!each.state.hello && nowMs - each.state.connectedAtMs >= HELLO_TIMEOUT_MS) {
        close(each.socket, CloseCode.ProtocolError, 'hello expected.');
      } else if (silentMs >= HOST_LOST_MS) {
        close(each.socket, CloseCode.GoingAway, 'Nothing heard from you.');
        await this.gone(each.socket);
      }
    }
    for (const host of this.#parts.registry.hosts()) {
      if (host.lostAtMs !== null && host.lostAtMs <= nowMs)
        await this.#settleLost(host.hostId, host.lostAtMs);
    }
  }

  /** A socket is closed or closing. If it was the host's current one, the host gets no more sessions from now on. */
  async gone(socket: WebSocket): Promise<void> {
    const state = this.#parts.sockets.state(socket);
    close(socket, CloseCode.Normal, '');
    const host = this.#parts.registry.host(state.hostId);
    if (
      !state.hello ||
      host === null ||
      this.#parts.sockets.current().has(state.hostId) ||
      host.lostAtMs !== null
    )
      return;
    const lastSeenAtMs = this.#parts.sockets.lastSeenAtMs({ socket, state });
    this.#parts.registry.leave(state.hostId, lastSeenAtMs, lastSeenAtMs + HOST_LOST_MS);
    tellDirectory(this.#parts, state.hostId);
    this.#parts.log('warn', 'host disconnected', { hostId: state.hostId });
    await this.arm();
  }

  /** A lost host did not come back: its sessions are told. It may be back, and lost again, before all of them were. */
  async #settleLost(hostId: string, lostAtMs: number): Promise<void> {
    const placements = this.#parts.registry.placementsOf(hostId);
    this.#parts.log('warn', 'host lost', { hostId, sessions: placements.length });
    await this.#parts.lost.tell(placements, 'The sandbox host is lost.');
    this.#parts.registry.settle(hostId, lostAtMs);
  }

  /** Arms the alarm for the next thing that may be due; forgets hosts that have been lost for long. */
  async arm(): Promise<void> {
    const nowMs = Date.now();
    const current = this.#parts.sockets.current();
    for (const { hostId, lostAtMs, lastSeenAtMs } of this.#parts.registry.hosts()) {
      const gone = lostAtMs === null && !current.has(hostId);
      if (gone && lastSeenAtMs + FORGET_HOST_MS <= nowMs) this.#parts.registry.forget(hostId);
    }
    await this.#parts.alarms.arm();
  }

  dueMs(): number | null {
    const dueAtMs: number[] = this.#parts.sockets
      .all()
      .map((each) =>
        each.state.hello
          ? this.#parts.sockets.lastSeenAtMs(each) + HOST_LOST_MS
          : each.state.connectedAtMs + HELLO_TIMEOUT_MS,
      );
    for (const { lostAtMs } of this.#parts.registry.hosts()) if (lostAtMs !== null) dueAtMs.push(lostAtMs);
    return dueAtMs.length === 0 ? null : Math.min(...dueAtMs);
  }
}
