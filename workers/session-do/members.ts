import { MAX_MEMBERS } from '../../protocol/limits.ts';
import type { Member, Role } from '../../protocol/messages/session.ts';
import type { Identity, Outcome } from '../shared/rpc.ts';
import type { Parts } from './parts.ts';
import { toMember } from './session-view.ts';

/** Whom the session is shared with: changes, their events, and what they mean for sockets that are open. */
export class Members {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  list(): Member[] {
    return this.#parts.memberRows.active().map(toMember);
  }

  /** Adds somebody, or gives them another role. The last owner stays one. */
  set(userId: string, role: Role): Outcome<Member> {
    const { memberRows, records } = this.#parts;
    const known = memberRows.get(userId);
    const before = known?.role ?? null;
    if (known !== undefined && before === role) return { ok: true, value: toMember({ ...known, role }) };
    if (before === null && memberRows.active().length >= MAX_MEMBERS) {
      const detail = `At most ${MAX_MEMBERS} members; remove one first.`;
      return { ok: false, code: 'limit-exceeded', detail };
    }
    if (this.#isLastOwner(userId)) return lastOwner();
    const addedAtMs = before === null ? Date.now() : (known?.addedAtMs ?? Date.now());
    const row = { userId, displayName: known?.displayName ?? null, role, addedAtMs, indexDirty: true };
    const subject = before === null ? 'member.added' : 'member.changed';
    const kind = before === null ? 'CREATE' : 'UPDATE';
    records.commit({ kind, subject, data: { userId, role } }, {}, () => memberRows.put(row));
    this.#changed(userId);
    return { ok: true, value: toMember(row) };
  }

  /** Takes somebody off; their sockets end. The last owner stays. */
  remove(userId: string): Outcome<null> {
    const { memberRows, records } = this.#parts;
    const row = memberRows.get(userId);
    if (row === undefined || row.role === null) {
      return { ok: false, code: 'not-found', detail: 'The session is not shared with this user.' };
    }
    if (this.#isLastOwner(userId)) return lastOwner();
    records.commit({ kind: 'DELETE', subject: 'member.removed', data: { userId } }, {}, () => {
      memberRows.put({ ...row, role: null, indexDirty: true });
    });
    this.#changed(userId);
    return { ok: true, value: null };
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

function lastOwner(): Extract<Outcome<never>, { ok: false }> {
  return { ok: false, code: 'conflict', detail: 'A session keeps an owner; make somebody else one first.' };
}
