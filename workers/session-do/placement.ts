import { CloseCode } from '../../protocol/close-codes.ts';
import { masker } from '../shared/log.ts';
import { withDeadline } from '../shared/deadline.ts';
import type { Outcome } from '../shared/rpc.ts';
import { needsHost, retryDelayMs } from './decisions.ts';
import {
  DIAL_TIMEOUT_MS,
  MAX_CLEANUP_ATTEMPTS,
  PLACE_LIMITED_MS,
  PLACE_TIMEOUT_MS,
  READY_TIMEOUT_MS,
  REPLACE_SPREAD_MS,
} from './limits.ts';
import type { Parts } from './parts.ts';
import type { SessionPatch } from './record-repository.ts';

/**
 * Gets the session a host: raises the epoch, hands a single-use ticket to the region, waits for the host to dial in,
 * and does so again with backoff by alarm while there is a reason. Whatever carries an older epoch is fenced off.
 */
export class Placement {
  readonly #parts: Parts;
  /** The epoch being handed to the region just now; null when none is. */
  #handing: number | null = null;
  /** The region is not asked before then: it was asked too often. */
  #notBeforeMs = 0;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /**
   * Takes up what an earlier life of the actor left undone. A placement that no host is known to be on its way for is given
   * up: the region's answer, or the host that had come, was lost with that life, and nobody would tell of it. What was
   * not even begun is begun. Both a little later, for many sessions may restart at once.
   */
  restore(): void {
    const { host, timers, records } = this.#parts;
    const { epoch, awaitedEpoch, hostState } = records.row;
    if (host.connected || this.resting) return;
    const placing = hostState === 'placing' || hostState === 'waking';
    const soonMs = Math.round(Math.random() * REPLACE_SPREAD_MS);
    if (placing && awaitedEpoch !== epoch)
      this.failed(epoch, 'The way to a sandbox host was interrupted; trying again.', soonMs);
    else if (this.#needed && timers.at('placement') === null) timers.set('placement', Date.now() + soonMs);
  }

  /** Sees to a host if one is needed and none is there or on its way. */
  want(): void {
    const { host, timers } = this.#parts;
    if (host.connected || this.#handing !== null || timers.at('placement') !== null) return;
    if (this.#needed) this.#start();
  }

  /** As {@link want}, but without waiting for a retry that is already set: somebody is here now. */
  wantNow(): void {
    const { host, timers, records } = this.#parts;
    if (!host.connected && this.#handing === null && records.row.hostState === 'lost')
      timers.clear('placement');
    this.want();
  }

  /**
   * Somebody made this session, or is about to come to it, and it has no sandbox: they will want a terminal, so one is
   * made ready meanwhile. If nobody comes after all, it is suspended like any other that is idle.
   */
  anticipate(): void {
    const { host, timers, records } = this.#parts;
    const asleep = records.row.status === 'idle' || records.row.status === 'suspended';
    if (!asleep || host.connected || this.#handing !== null || timers.at('placement') !== null) return;
    this.#start();
  }

  /** Something happens in a session that rests: it gets its link back. */
  wake(): void {
    const { host, timers } = this.#parts;
    if (!this.resting || host.connected || this.#handing !== null || timers.at('placement') !== null) return;
    this.#start();
  }

  /** Ends a link that is half open, and gets another: whoever is at its other end has given it up, or is gone. */
  dropSilent(): void {
    const { host, hub } = this.#parts;
    if (!host.silent(Date.now())) return;
    host.drop(CloseCode.StaleEpoch, 'nothing was heard');
    hub.unlinked();
    this.lost('The sandbox host was not heard of; reconnecting.');
  }

  /** The session gave its link back because nothing happened; its host keeps its sandbox. */
  get resting(): boolean {
    return this.#parts.records.current?.hostState === 'resting';
  }

  /** The link is given back; `also` writes where the terminals stand. */
  rest(also: () => void): void {
    const { host, hub, timers } = this.#parts;
    timers.clear('placement');
    timers.clear('usage');
    host.drop(CloseCode.Resting, 'quiet');
    hub.unlinked();
    this.#tell({ hostState: 'resting', hostMessage: null, placementAttempts: 0 }, 'host.resting', also);
  }

  /** The alarm: a host did not dial or get ready in time, or it is time to try again. */
  due(): void {
    const { host, records } = this.#parts;
    if (host.ready || this.#handing !== null) return;
    const { hostState } = records.row;
    if (host.connected || hostState === 'placing' || hostState === 'waking') {
      host.drop(CloseCode.StaleEpoch, 'not ready in time');
      this.failed(records.row.epoch, 'The sandbox host did not get ready in time.');
    } else if (this.#needed) {
      this.#start();
    }
  }

  /** A host dialled in with the ticket of this placement. */
  connected(): void {
    this.#parts.records.patch({ awaitedEpoch: 0 });
    this.#parts.timers.set('placement', Date.now() + READY_TIMEOUT_MS);
  }

  /** The sandbox is ready. */
  ready(): void {
    this.#parts.timers.clear('placement');
    this.#tell({ hostState: 'connected', hostMessage: null, placementAttempts: 0 }, 'host.connected');
  }

  /** The link of the current epoch is gone. A new placement follows at once, then with backoff. */
  lost(message: string): void {
    this.#tell({ hostState: 'lost', hostMessage: message }, 'host.lost');
    this.#parts.timers.clear('placement');
    this.want();
  }

  /** The placement with this epoch came to nothing. `detail` is for people; `laterMs` is added to the wait. */
  failed(epoch: number, detail: string, laterMs = 0): void {
    const { records, timers, lifecycle } = this.#parts;
    const row = records.row;
    if (epoch !== row.epoch) return;
    const attempts = row.placementAttempts + 1;
    if (row.deleted && attempts > MAX_CLEANUP_ATTEMPTS) return lifecycle.stopped('destroyed');
    const patch = { hostState: 'lost' as const, hostMessage: detail, placementAttempts: attempts };
    this.#tell(patch, 'host.unavailable');
    if (this.#needed) timers.set('placement', Date.now() + retryDelayMs(attempts, Math.random()) + laterMs);
    else {
      timers.clear('placement');
      if (row.status === 'starting') lifecycle.setStatus('idle');
    }
  }

  /** The region says so: the placement failed, or the host it went to is lost, whatever its socket looks like. */
  hostGivenUp(epoch: number, detail: string): void {
    const { host, hub, records } = this.#parts;
    if (epoch !== records.row.epoch) return;
    if (!host.connected) return this.failed(epoch, detail);
    host.drop(CloseCode.StaleEpoch, 'the host is lost');
    hub.unlinked();
    this.lost(detail);
  }

  /** The session needs no host any more: the link ends, the region may use the place. */
  release(message: string | null): void {
    const { host, timers, records } = this.#parts;
    const { epoch, hostId, id, region } = records.row;
    timers.clear('placement');
    host.drop(CloseCode.Normal, 'released');
    this.#tell({ hostState: 'none', hostMessage: message, placementAttempts: 0 }, 'host.released');
    if (hostId !== null) this.#region(region, (stub) => stub.release({ sessionId: id, epoch, hostId }));
  }

  get #needed(): boolean {
    const { records, terminalRows, participants, hub } = this.#parts;
    const row = records.row;
    if (row.status === 'expired' && row.pendingStop === null) return false;
    const open = terminalRows.open();
    return needsHost({
      pendingStop: row.pendingStop,
      starting: open.filter((terminal) => terminal.state === 'starting').length,
      running: open.filter((terminal) => terminal.state === 'running').length,
      viewers: participants.presentCount,
      resting: this.resting,
      bytesAwaited: row.status === 'running' && hub.bytesAwaited,
    });
  }

  #start(): void {
    const earlyMs = this.#notBeforeMs - Date.now();
    // A clock set back must not keep the session waiting.
    if (earlyMs > 0 && earlyMs <= PLACE_LIMITED_MS)
      return this.#parts.timers.set('placement', this.#notBeforeMs);
    const epoch = this.#parts.records.row.epoch + 1;
    this.#handing = epoch;
    this.#parts.ctx.waitUntil(this.#hand(epoch));
  }

  async #hand(epoch: number): Promise<void> {
    const { records, tickets, env, log, timers } = this.#parts;
    try {
      const drawn = await tickets.draw();
      const row = records.current;
      if (row === null) return;
      // The ticket comes to be valid in the same transaction that raises the epoch it is for.
      const fresh = row.status === 'idle' || row.status === 'suspended';
      const starting: SessionPatch = fresh && !row.deleted ? { status: 'starting', indexDirty: true } : {};
      const hostState = row.hostState === 'resting' ? 'waking' : 'placing';
      this.#tell(
        { epoch, hostState, hostMessage: null, placedOnce: true, ...starting },
        `host.${hostState}`,
        () => tickets.admitHost(drawn.hash, epoch),
      );
      timers.set('placement', Date.now() + DIAL_TIMEOUT_MS);
      const region = env.REGIONS.get(env.REGIONS.idFromName(row.region));
      const placing: Promise<Outcome<{ hostId: string }>> = region.place({
        sessionId: row.id,
        epoch,
        ticket: drawn.ticket,
        preferHostId: row.hostId,
      });
      const placed = await withDeadline(placing, PLACE_TIMEOUT_MS);
      if (records.current?.epoch !== epoch) return;
      if (placed.ok) this.#placed(epoch, placed.value.hostId);
      else {
        const laterMs = placed.code === 'rate-limited' ? PLACE_LIMITED_MS : 0;
        this.#notBeforeMs = Date.now() + laterMs;
        this.failed(epoch, placed.detail, laterMs);
      }
    } catch (error) {
      log('warn', 'region not reached', { epoch, error: String(error) });
      // The host it chose may have come before the answer.
      if (records.current !== null && !this.#parts.host.connected)
        this.failed(epoch, 'The region cannot be reached; trying again.');
    } finally {
      this.#handing = null;
      this.#parts.index.drain();
    }
  }

  /** The region chose a host, usually the one before, which may have dialled in already. */
  #placed(epoch: number, hostId: string): void {
    const { records, host } = this.#parts;
    const patch = host.connected ? {} : { awaitedEpoch: epoch };
    if (hostId === records.row.hostId) records.patch(patch);
    else this.#tell({ hostId, ...patch }, 'host.chosen');
  }

  /** Changes how the host stands, which is an event. */
  #tell(change: SessionPatch, subject: string, also?: () => void): void {
    const { records } = this.#parts;
    const said = change.hostMessage ?? null;
    const patch = said === null ? change : { ...change, hostMessage: masker.text(said) };
    const { epoch, hostId, hostMessage } = { ...records.row, ...patch };
    records.commit({ kind: 'UPDATE', subject, data: { epoch, hostId, message: hostMessage } }, patch, also);
  }

  #region(name: string, call: (stub: ReturnType<Parts['env']['REGIONS']['get']>) => Promise<void>): void {
    const { env, ctx, log } = this.#parts;
    const stub = env.REGIONS.get(env.REGIONS.idFromName(name));
    ctx.waitUntil(
      call(stub).catch((error: unknown) => log('warn', 'release failed', { error: String(error) })),
    );
  }
}
