import { CloseCode } from '../../protocol/close-codes.ts';
import type { SessionStatus } from '../../protocol/messages/session.ts';
import type { Identity } from '../shared/rpc.ts';
import { suspendAtMs, touchEveryMs } from './decisions.ts';
import { EXPIRED_KEPT_MS, STOP_TIMEOUT_MS, USAGE_EVERY_MS } from './limits.ts';
import type { Parts } from './parts.ts';
import type { PendingStop } from './schema.ts';
import type { TimerName } from './timers.ts';

/**
 * The life of a session: idle, starting, running, suspended when nobody uses it, expired when nobody came for its TTL,
 * deleted. Time passes by alarm only, so that a quiet session can sleep.
 */
export class Lifecycle {
  readonly #parts: Parts;
  #lastActivityMs = 0;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  restore(): void {
    this.#lastActivityMs = this.#parts.records.row.lastAccessedAtMs;
  }

  /** Newer than the stored time by up to {@link touchEveryMs}. */
  get lastActivityMs(): number {
    return this.#lastActivityMs;
  }

  /** Somebody or something uses the session now. Cheap: called for every frame of input and output. */
  active(): void {
    const nowMs = Date.now();
    this.#lastActivityMs = nowMs;
    if (!this.#touchDue()) return;
    const { records, timers } = this.#parts;
    records.patch({ lastAccessedAtMs: nowMs, indexDirty: true });
    if (this.#parts.host.ready) timers.setAtLatest('usage', nowMs + USAGE_EVERY_MS);
    this.#parts.index.drain();
  }

  /**
   * A viewer is here. Nothing is written: when the edge was away all come back at once, and while one is here the
   * session neither is suspended nor expires.
   */
  viewerCame(): void {
    this.#lastActivityMs = Date.now();
  }

  /**
   * A viewer is not here any more; to have been here was use of the session. Lists learn of it at the next change: many
   * may leave at once.
   */
  viewerLeft(): void {
    const { participants, records } = this.#parts;
    if (participants.presentCount > 0) return;
    this.#lastActivityMs = Date.now();
    if (this.#touchDue()) records.patch({ lastAccessedAtMs: this.#lastActivityMs });
    this.watchIdle();
  }

  /** Sets the idle timer when nobody is here. When it is due and somebody is, it comes to nothing. */
  watchIdle(): void {
    const atMs = this.#suspendAtMs();
    if (atMs !== null) this.#parts.timers.set('idle', atMs);
  }

  /** Sets or moves the TTL timer; call at creation. */
  watchExpiry(): void {
    this.#parts.timers.set('expiry', this.#lastActivityMs + this.#parts.records.row.ttlMs);
  }

  /** Runs what is due. Each timer is cleared before it is acted upon, and set again by the action if need be. */
  async alarm(due: TimerName[], nowMs: number): Promise<void> {
    const { placement, index, records, host } = this.#parts;
    for (const name of due) {
      if (records.current === null) return;
      if (name === 'placement') placement.due();
      else if (name === 'stop') this.#stopOverdue();
      else if (name === 'idle') this.#idle(nowMs);
      else if ((name === 'index' || name === 'audit') && this.#onlyToBeTold) await this.purge();
      else if (name === 'index') index.drain();
      else if (name === 'audit') this.#parts.audit.due();
      else if (name === 'links') this.#parts.shareLinks.sweep(nowMs);
      else if (name === 'keys') await this.#parts.keys.due();
      else if (name === 'usage') {
        // Set again by the next activity: a quiet session is left asleep.
        if (host.ready) this.sampleUsage();
      } else await this.#expiry(nowMs);
    }
  }

  /** Asks the executor what the sandbox uses; the answer is kept in the record. */
  sampleUsage(): void {
    this.#parts.host.send({ type: 'usage', requestId: crypto.randomUUID() });
  }

  /** Moves the session to a status, with its event, and the members' lists updated. */
  setStatus(status: SessionStatus): void {
    const { records, index } = this.#parts;
    if (records.row.status === status) return;
    const from = records.row.status;
    records.commit(
      { kind: 'UPDATE', subject: 'session.status', data: { from, to: status } },
      { status, indexDirty: true },
    );
    index.drain();
  }

  /** Tells the sandbox what was put off until there was a link. True when it was told. */
  carryOutPendingStop(): boolean {
    const { records, host, timers } = this.#parts;
    const { pendingStop } = records.row;
    if (pendingStop === null) return false;
    host.send({ type: pendingStop === 'suspend' ? 'sandbox.suspend' : 'sandbox.destroy' });
    timers.set('stop', Date.now() + STOP_TIMEOUT_MS);
    return true;
  }

  /** The sandbox has stopped, or is taken to have. */
  stopped(reason: 'suspended' | 'destroyed' | 'lost', message?: string): void {
    const { records, placement, terminals, timers, participants } = this.#parts;
    timers.clear('stop');
    timers.clear('idle');
    if (records.row.deleted && reason !== 'lost') {
      this.#parts.ctx.waitUntil(this.purge());
      return;
    }
    terminals.lostAll(message ?? stoppedMessage(reason));
    placement.release(reason === 'lost' ? (message ?? stoppedMessage(reason)) : null);
    const pendingStop = records.row.pendingStop;
    if (reason !== 'lost' || pendingStop === 'suspend') records.patch({ pendingStop: null });
    records.patch({ incarnation: null });
    if (records.row.status !== 'expired') this.setStatus(reason === 'suspended' ? 'suspended' : 'idle');
    else participants.closeAll(CloseCode.Gone, 'the session expired');
    placement.want();
  }

  /**
   * Deletes the session for everybody now; its workspace as soon as its host can be reached. `who` null: nobody came for
   * it any more.
   */
  async destroy(who: Identity | null): Promise<void> {
    const { records, participants, index, timers, placement, host } = this.#parts;
    records.commit(
      { kind: 'DELETE', subject: 'session.deleted' },
      { deleted: true, indexDirty: true, pendingStop: 'destroy' },
      () => this.#parts.audit.note(who, { action: 'session.delete', outcome: 'intended' }),
    );
    // Before anything else, and durable: whatever fails from here on, nobody can read it any more.
    await this.#parts.keys.shred();
    participants.closeAll(CloseCode.Gone, 'the session was deleted');
    await index.flush();
    if (!records.row.placedOnce) return this.purge();
    for (const name of ['idle', 'expiry', 'usage', 'keys', 'links'] as const) timers.clear(name);
    if (host.ready) this.carryOutPendingStop();
    else placement.wantNow();
  }

  /** Deletes everything this actor stores, once others know that it is gone. */
  async purge(): Promise<void> {
    const { ctx, records, terminalRows, memberRows, tickets, timers, participants, places, host } =
      this.#parts;
    const { index, audit } = this.#parts;
    await index.flush();
    if (records.current === null) return;
    const done = { action: 'session.delete', outcome: 'completed' } as const;
    if (!records.row.indexDirty) audit.note(null, done, `deleted.${records.row.id}`);
    if (records.row.indexDirty || !(await audit.settle())) {
      // The owner's list still has it, or the audit log does not know yet. Their timers come back here.
      if (records.current !== null) records.patch({ pendingStop: null });
      return;
    }
    participants.closeAll(CloseCode.Gone, 'the session was deleted');
    host.drop(CloseCode.Normal, 'released');
    records.clear();
    terminalRows.clear();
    memberRows.clear();
    timers.forget();
    tickets.forget();
    places.forget();
    await ctx.storage.deleteAlarm();
    await ctx.storage.deleteAll();
  }

  /** Nothing is left of the session but that it is gone, which others do not know yet. */
  get #onlyToBeTold(): boolean {
    return this.#parts.records.row.deleted && this.#parts.records.row.pendingStop === null;
  }

  #touchDue(): boolean {
    const { row } = this.#parts.records;
    return this.#lastActivityMs - row.lastAccessedAtMs >= touchEveryMs(row);
  }

  #suspendAtMs(): number | null {
    const { participants, records } = this.#parts;
    return suspendAtMs({
      viewers: participants.presentCount,
      sandboxUp: records.row.incarnation !== null && records.row.pendingStop === null,
      lastActivityMs: this.#lastActivityMs,
      idleTimeoutMs: records.row.idleTimeoutMs,
    });
  }

  #idle(nowMs: number): void {
    const atMs = this.#suspendAtMs();
    if (atMs === null) return;
    if (atMs > nowMs) this.#parts.timers.set('idle', atMs);
    else {
      this.#parts.places.release();
      this.#stop('suspend');
    }
  }

  #stop(how: PendingStop): void {
    const { records, host, placement } = this.#parts;
    records.patch({ pendingStop: how });
    if (host.ready) this.carryOutPendingStop();
    else placement.want();
  }

  /** The host did not confirm: drop the link, so that the next one is asked again. */
  #stopOverdue(): void {
    const { host, placement, records, hub } = this.#parts;
    if (!host.connected) return placement.want();
    host.drop(CloseCode.StaleEpoch, 'did not stop in time');
    hub.unlinked();
    placement.failed(records.row.epoch, 'The sandbox did not stop in time; trying again.');
  }

  async #expiry(nowMs: number): Promise<void> {
    const { records, participants, timers } = this.#parts;
    const row = records.row;
    if (row.status === 'expired') return this.destroy(null);
    if (participants.presentCount > 0) this.#lastActivityMs = nowMs;
    const atMs = this.#lastActivityMs + row.ttlMs;
    if (atMs > nowMs) return timers.set('expiry', atMs);
    this.setStatus('expired');
    participants.closeAll(CloseCode.Gone, 'the session expired');
    timers.set('expiry', nowMs + EXPIRED_KEPT_MS);
    if (row.placedOnce) this.#stop('destroy');
  }
}

function stoppedMessage(reason: 'suspended' | 'destroyed' | 'lost'): string {
  if (reason === 'suspended') return 'The session was suspended after being idle; its files are kept.';
  if (reason === 'destroyed') return 'The sandbox was deleted.';
  return 'The sandbox was lost; its files are kept. Open a terminal to start a new one.';
}
