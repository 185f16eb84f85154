import { INVITATION_KEPT_MS, MAX_INVITATIONS } from '../../protocol/limits.ts';
import type { Invitation, InvitedRole } from '../../protocol/messages/invitation.ts';
import { invitationKind } from '../shared/directory/invitations.ts';
import { randomId } from '../shared/ids.ts';
import { fail } from '../shared/outcome.ts';
import type { Identity, Outcome } from '../shared/rpc.ts';
import type { InvitationRow } from './invitation-rows.ts';
import { note } from './note.ts';
import type { Parts } from './parts.ts';

/** What is asked of a new invitation; `tokenHash` is of the secret that only its bearer will know. */
export interface NewInvitation {
  tokenHash: string;
  email: string | null;
  role: InvitedRole;
  lifetimeMs: number;
  maxUses: number;
}

/** Bytes of an invitation's id, by which it is listed and revoked. */
const ID_BYTES = 9;

/** Who is asked into the workspace, and who came. */
export class Invitations {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** Newest first; those that ended are kept for a while. */
  list(): Invitation[] {
    return this.#parts.invitationRows.all().map(toInvitation);
  }

  create(who: Identity, input: NewInvitation): Outcome<Invitation> {
    const { record, invitationRows, ctx } = this.#parts;
    if (record.current?.kind !== 'team')
      return fail('conflict', "A person's own workspace has no other members; make one for the team.");
    const nowMs = Date.now();
    invitationRows.sweep(nowMs - INVITATION_KEPT_MS);
    if (invitationRows.all().filter((row) => isOpen(row, nowMs)).length >= MAX_INVITATIONS)
      return fail('limit-exceeded', `At most ${MAX_INVITATIONS} open invitations; revoke one first.`);
    const { tokenHash, email, role, lifetimeMs, maxUses } = input;
    const row: InvitationRow = {
      ...{ id: randomId(ID_BYTES), tokenHash, email, role, createdBy: who.userId },
      ...{ createdAtMs: nowMs, expiresAtMs: nowMs + lifetimeMs, uses: 0, maxUses, revokedAtMs: null },
    };
    ctx.storage.transactionSync(() => {
      this.#put(row);
      const detail = { role, by: email === null ? 'link' : 'email', maxUses };
      note(this.#parts, who, { action: 'invitation.create', target: target(row), detail });
    });
    return { ok: true, value: toInvitation(row) };
  }

  revoke(who: Identity, id: string): Outcome<null> {
    const row = this.#parts.invitationRows.get(id);
    if (row === null) return fail('not-found', 'There is no such invitation.');
    if (row.revokedAtMs !== null) return { ok: true, value: null };
    this.#parts.ctx.storage.transactionSync(() => {
      this.#put({ ...row, revokedAtMs: Date.now() });
      note(this.#parts, who, { action: 'invitation.revoke', target: target(row) });
    });
    return { ok: true, value: null };
  }

  /**
   * Takes in whoever has the secret, and, when it is for an address, has proved that address to whoever they sign in
   * with. One answer for a secret that is unknown, spent, expired or revoked: a guesser learns nothing. Somebody who is
   * in already stays what they are and spends nothing.
   */
  accept(who: Identity, tokenHash: string, verifiedEmails: readonly string[]): Outcome<null> {
    const { invitationRows, memberRows, members, ctx } = this.#parts;
    const row = invitationRows.byToken(tokenHash);
    if (row === null || !isOpen(row, Date.now()))
      return fail('not-found', 'This invitation is not good, or not any more. Ask for a new one.');
    if (row.email !== null && !verifiedEmails.includes(row.email))
      return fail('forbidden', 'This invitation is for an email address that you did not sign in with.');
    if (memberRows.roleOf(who.userId) !== null) return { ok: true, value: null };
    return ctx.storage.transactionSync(() => {
      const added = members.add(who.userId, who.displayName, row.role);
      if (!added.ok) return added;
      this.#put({ ...row, uses: row.uses + 1 });
      note(this.#parts, who, {
        action: 'invitation.accept',
        target: target(row),
        detail: { role: row.role },
      });
      return added;
    });
  }

  #put(row: InvitationRow): void {
    const { invitationRows, directory, ctx } = this.#parts;
    invitationRows.put(row);
    directory.put(invitationKind, { ...toInvitation(row), workspaceId: ctx.id.name ?? '' });
  }
}

function isOpen(row: InvitationRow, nowMs: number): boolean {
  return row.revokedAtMs === null && row.expiresAtMs > nowMs && row.uses < row.maxUses;
}

function target({ id }: InvitationRow) {
  return { kind: 'invitation', id };
}

function toInvitation(row: InvitationRow): Invitation {
  const { id, email, role, createdBy, createdAtMs, expiresAtMs, uses, maxUses, revokedAtMs } = row;
  return {
    ...{ id, email, role, createdBy, uses, maxUses },
    createdAt: new Date(createdAtMs).toISOString(),
    expiresAt: new Date(expiresAtMs).toISOString(),
    revokedAt: revokedAtMs === null ? null : new Date(revokedAtMs).toISOString(),
  };
}
