import { MAX_MEMBERS } from '../../protocol/limits.ts';
import type { Member, Role } from '../../protocol/messages/session.ts';
import { isGuestId } from '../shared/ids.ts';
import { fail, type Failure } from '../shared/outcome.ts';
import type { WorkspaceStanding } from '../shared/policy/standing.ts';
import type { Identity, Outcome } from '../shared/rpc.ts';
import type { Parts } from './parts.ts';
import { toMember } from './session-view.ts';

/** Of a member who belongs to the session's workspace and was named. */
const OF_THE_WORKSPACE = { outside: false, linkId: null, expiresAtMs: null, indexDirty: true };

/** Whom the session is shared with: changes, their events, and what they mean for sockets that are open. */
export class Members {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  list(): Member[] {
    return this.#parts.memberRows.active().map(toMember);
  }

  /**
   * Adds somebody, or gives them another role. The last owner stays one. `place`: what they are in the session's
   * workspace, which viewers of it may not exceed, and which may not want others here at all.
   */
  set(who: Identity, userId: string, role: Role, place: WorkspaceStanding): Outcome<Member> {
    const { memberRows, records, audit } = this.#parts;
    const known = memberRows.get(userId);
    const before = known?.role ?? null;
    if (known !== undefined && before === role) return { ok: true, value: toMember({ ...known, role }) };
    if (before === null && memberRows.active().length >= MAX_MEMBERS) {
      return fail('limit-exceeded', `At most ${MAX_MEMBERS} members; remove one first.`);
    }
    if (this.#isLastOwner(userId)) return lastOwner();
    if (place.role === null && !place.policy.outsideSharing)
      return fail(
        'forbidden',
        'This workspace shares sessions with its members only; invite them to it first.',
      );
    if (isGuestId(userId) && (before === null || role === 'owner'))
      return fail('invalid-request', 'A guest comes by a share link, and owns nothing.');
    if (place.role === 'viewer' && role !== 'viewer')
      return fail('forbidden', 'A viewer of the workspace only watches; an admin can make them a member.');
    const addedAtMs = before === null ? Date.now() : (known?.addedAtMs ?? Date.now());
    const outside = place.role === null;
    const displayName = known?.displayName ?? null;
    // A guest stays one of their link; anybody else is shared with by name from now on.
    const [linkId, expiresAtMs] = isGuestId(userId)
      ? [known?.linkId ?? null, known?.expiresAtMs ?? null]
      : [null, null];
    const row = { userId, displayName, role, addedAtMs, outside, linkId, expiresAtMs, indexDirty: true };
    const subject = before === null ? 'member.added' : 'member.changed';
    const kind = before === null ? 'CREATE' : 'UPDATE';
    records.commit({ kind, subject, data: { userId, role } }, {}, () => {
      if (before === null) audit.note(who, { action: 'session.share', detail: { userId, role, outside } });
      else audit.note(who, { action: 'session.role', detail: { userId, from: before, role } });
      memberRows.put(row);
    });
    this.#changed(userId);
    return { ok: true, value: toMember(row) };
  }

  /** Takes somebody off; their sockets end. The last owner stays. */
  remove(who: Identity, userId: string): Outcome<null> {
    const { memberRows } = this.#parts;
    const row = memberRows.get(userId);
    if (row === undefined || row.role === null) {
      return fail('not-found', 'The session is not shared with this user.');
    }
    if (this.#isLastOwner(userId)) return lastOwner();
    this.end(userId, who);
    return { ok: true, value: null };
  }

  /** Ends somebody's part, as `by` asks, or because of something else than a decision of the session's owners. */
  end(userId: string, by: Identity | 'workspace' | 'link'): void {
    const { memberRows, records, audit, streams } = this.#parts;
    const row = memberRows.get(userId);
    if (row === undefined || row.role === null) return;
    const why = typeof by === 'string' ? { why: by } : {};
    const data = { userId, ...why };
    records.commit({ kind: 'DELETE', subject: 'member.removed', data }, {}, () => {
      const detail = { userId };
      if (typeof by === 'string') audit.note(null, { action: 'session.unshare', reason: by, detail });
      else audit.note(by, { action: 'session.unshare', detail });
      memberRows.put({ ...row, role: null, indexDirty: true });
      streams.forget(userId);
    });
    this.#changed(userId);
  }

  /** Makes somebody of the workspace the owner in another's place, who stays as an editor. */
  transfer(who: Identity, userId: string, place: WorkspaceStanding): Outcome<null> {
    const { memberRows, records } = this.#parts;
    if (place.role === null || place.role === 'viewer')
      return fail('conflict', 'A session goes to a member of its workspace who may have sessions there.');
    const from = memberRows.get(who.userId);
    if (from === undefined || userId === who.userId)
      return fail('conflict', 'You are the owner already; name somebody else.');
    this.#succeed(who.userId, userId, who);
    const data = { userId: who.userId, role: 'editor' };
    records.commit({ kind: 'UPDATE', subject: 'member.changed', data }, {}, () => {
      memberRows.put({ ...from, role: 'editor', indexDirty: true });
    });
    this.#changed(who.userId);
    return { ok: true, value: null };
  }

  /** See `SessionRpc.limitMember`. */
  limit(userId: string, limit: 'viewer' | null, successorId: string): void {
    const { memberRows, records, audit } = this.#parts;
    const row = memberRows.get(userId);
    if (row === undefined || row.role === null || row.role === limit) return;
    if (this.#isLastOwner(userId)) this.#succeed(userId, successorId, null);
    if (limit === null) {
      this.end(userId, 'workspace');
      return this.#parts.shareLinkRows.handOver(userId, successorId);
    }
    const data = { userId, role: limit, why: 'workspace' };
    const from = row.role;
    records.commit({ kind: 'UPDATE', subject: 'member.changed', data }, {}, () => {
      const detail = { userId, from, role: limit };
      audit.note(null, { action: 'session.role', reason: 'workspace', detail });
      memberRows.put({ ...row, role: limit, indexDirty: true });
    });
    this.#changed(userId);
  }

  /** Remembers what somebody is called, as their token says. */
  seen(who: Identity): void {
    const row = this.#parts.memberRows.get(who.userId);
    if (row === undefined || row.role === null || row.displayName === who.displayName) return;
    const { records, memberRows } = this.#parts;
    const data = { userId: who.userId, displayName: who.displayName };
    records.commit({ kind: 'UPDATE', subject: 'member.named', data }, {}, () => {
      memberRows.put({ ...row, displayName: who.displayName });
    });
  }

  /** Somebody of the workspace becomes an owner in another's place. */
  #succeed(userId: string, successorId: string, by: Identity | null): void {
    const { memberRows, records, audit } = this.#parts;
    const known = memberRows.get(successorId);
    const [displayName, addedAtMs] = [known?.displayName ?? null, known?.addedAtMs ?? Date.now()];
    const row = { userId: successorId, displayName, addedAtMs, ...OF_THE_WORKSPACE };
    const data = { userId: successorId, from: userId };
    records.commit(
      { kind: 'UPDATE', subject: 'session.transferred', data },
      { ownerId: successorId, indexDirty: true },
      () => {
        const why = by === null ? { reason: 'workspace' } : {};
        audit.note(by, { action: 'session.transfer', detail: data, ...why });
        memberRows.put({ ...row, role: 'owner' });
      },
    );
    this.#changed(successorId);
  }

  #changed(userId: string): void {
    const { memberRows, participants, index } = this.#parts;
    participants.roleChanged(userId, memberRows.roleOf(userId));
    index.drain();
  }

  #isLastOwner(userId: string): boolean {
    const owners = this.#parts.memberRows.active().filter(({ role }) => role === 'owner');
    return owners.length === 1 && owners[0]?.userId === userId;
  }
}

function lastOwner(): Failure {
  return fail('conflict', 'A session keeps an owner; make somebody else one first.');
}
