import { DEPLOYMENT_STREAM } from '../../protocol/audit/entry.ts';
import { draftOf } from '../shared/audit/draft.ts';
import { fail } from '../shared/outcome.ts';
import type { Identity, Outcome, RegionRpc } from '../shared/rpc.ts';
import { send } from './control-sockets.ts';
import { tellDirectory } from './host-directory.ts';
import type { Parts } from './parts.ts';
import { PlacementRate } from './placement-rate.ts';
import { rankHosts } from './placement.ts';

/** Puts sessions on hosts and takes them off. Which host, is decided in ./placement.ts. */
export class Placer {
  readonly #parts: Parts;
  readonly #rate = new PlacementRate();

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** Picks a host and sends it the ticket; the one that had the session before is told to let go. */
  place(input: Parameters<RegionRpc['place']>[0]): Outcome<{ hostId: string }> {
    const { sessionId, epoch, ticket } = input;
    if (!this.#rate.take(sessionId, Date.now())) {
      return fail(
        'rate-limited',
        'This session asked for a sandbox host too often; it asks again by itself.',
      );
    }
    const before = this.#parts.registry.placement(sessionId);
    if (before !== null && before.epoch > epoch) {
      return { ok: false, code: 'stale-epoch', detail: `Epoch ${before.epoch} is placed.` };
    }
    const current = this.#parts.sockets.current();
    const draining = new Set(
      this.#parts.registry.hosts().flatMap((row) => (row.draining ? [row.hostId] : [])),
    );
    const candidates = [...current.values()].map(({ state }) => ({
      hostId: state.hostId,
      healthy: state.healthy,
      draining: draining.has(state.hostId),
      sessions: state.sessions + state.placedSince,
      capacity: this.#parts.registry.host(state.hostId)?.capacity ?? 0,
      cpuLoad: state.cpuLoad,
    }));
    const belongings = { holderId: before?.hostId ?? null, preferHostId: input.preferHostId };
    for (const { hostId } of rankHosts(candidates, belongings)) {
      const host = current.get(hostId);
      if (host === undefined || !send(host.socket, { type: 'place', sessionId, epoch, ticket })) continue;
      this.#parts.sockets.update(host.socket, { placedSince: host.state.placedSince + 1 });
      this.#parts.registry.putPlacement({ sessionId, epoch, hostId });
      const left = before !== null && before.hostId !== hostId ? current.get(before.hostId) : undefined;
      if (left !== undefined && before !== null) {
        send(left.socket, { type: 'release', sessionId, epoch: before.epoch });
      }
      this.#parts.log('info', 'placed', { sessionId, hostId, epoch });
      return { ok: true, value: { hostId } };
    }
    const why =
      candidates.length === 0 ? 'No sandbox host is connected.' : 'Every sandbox host is full or draining.';
    return { ok: false, code: 'no-host', detail: why };
  }

  /** The session needs its host no more. */
  release(input: Parameters<RegionRpc['release']>[0]): void {
    this.#parts.registry.removePlacement(input);
    const host = this.#parts.sockets.current().get(input.hostId);
    if (host !== undefined) {
      send(host.socket, { type: 'release', sessionId: input.sessionId, epoch: input.epoch });
    }
  }

  /** The host is to get no new sandboxes: for operators. In the audit log of the deployment before the host hears of it. */
  async drain(who: Identity, hostId: string): Promise<Outcome<null>> {
    if (who.operator !== true) return fail('forbidden', 'This is for operators of the deployment.');
    if (this.#parts.registry.host(hostId) === null) {
      return fail('not-found', 'No such host in this region.');
    }
    const target = { kind: 'host', id: hostId };
    this.#parts.ctx.storage.transactionSync(() => {
      this.#parts.audit.record(
        draftOf(who, { action: 'host.drain', target, workspaceId: DEPLOYMENT_STREAM }),
      );
      this.#parts.registry.setDraining(hostId);
    });
    const host = this.#parts.sockets.current().get(hostId);
    if (host !== undefined) send(host.socket, { type: 'drain', reason: 'Asked for by an operator.' });
    tellDirectory(this.#parts, hostId);
    this.#parts.log('info', 'draining', { hostId });
    await this.#parts.alarms.arm();
    return { ok: true, value: null };
  }
}
