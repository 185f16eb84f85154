import { GUEST_TTL_MS, MAX_GUESTS, MAX_MEMBERS, MAX_SHARE_LINKS } from '../../protocol/limits.ts';
import type { Role } from '../../protocol/messages/session.ts';
import type { ShareLink, SharedRole } from '../../protocol/messages/share-link.ts';
import { isGuestId, newGuestId, randomId } from '../shared/ids.ts';
import { fail, type Failure } from '../shared/outcome.ts';
import type { WorkspaceStanding } from '../shared/policy/standing.ts';
import type { Identity, Outcome } from '../shared/rpc.ts';
import type { ActiveMember } from './member-repository.ts';
import type { Parts } from './parts.ts';
import type { ShareLinkRow } from './schema.ts';
import { toShareLink } from './session-view.ts';
import { isGood, isOpen } from './share-link-rows.ts';

/** What is asked of a new link; `tokenHash` is of the secret that only its bearers will know. */
export interface NewShareLink {
  tokenHash: string;
  role: SharedRole;
  signedInOnly: boolean;
  lifetimeMs: number;
  maxUses: number;
}

/** Who comes by a link: somebody signed in, or somebody who calls themselves something; `guestId`: who came before. */
export type LinkBearer = { who: Identity } | { displayName: string; guestId: string | null };

/** What a link gave. `guest`: who they are from now on, and until when. */
export interface Redeemed {
  role: Role;
  guest: { userId: string; expiresAtMs: number } | null;
}

/** Bytes of a link's id, by which it is listed and revoked. */
const ID_BYTES = 9;

/**
 * Links that let people into the session. Who comes by one is a member like others, and noted as having come by it: when
 * it is revoked or ends, so does their membership, and their sockets close.
 */
export class ShareLinks {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** Newest first. */
  list(): ShareLink[] {
    return this.#parts.shareLinkRows.all().map(toShareLink);
  }

  create(who: Identity, input: NewShareLink, place: WorkspaceStanding): Outcome<ShareLink> {
    const { shareLinkRows, records, audit } = this.#parts;
    if (!place.policy.shareLinks)
      return fail('forbidden', 'This workspace does not share sessions by link; share with people instead.');
    const nowMs = Date.now();
    if (shareLinkRows.all().filter((row) => isGood(row, nowMs)).length >= MAX_SHARE_LINKS)
      return fail('limit-exceeded', `At most ${MAX_SHARE_LINKS} links; revoke one first.`);
    const { tokenHash, role, signedInOnly, lifetimeMs, maxUses } = input;
    const row: ShareLinkRow = {
      ...{ id: randomId(ID_BYTES), tokenHash, role, signedInOnly, createdBy: who.userId },
      ...{ createdAtMs: nowMs, expiresAtMs: nowMs + lifetimeMs, uses: 0, maxUses, revokedAtMs: null },
    };
    const data = { id: row.id, role, signedInOnly };
    records.commit({ kind: 'CREATE', subject: 'share-link.created', data }, {}, () => {
      audit.note(who, { action: 'share-link.create', detail: { link: row.id, role, signedInOnly } });
      shareLinkRows.put(row);
    });
    this.watch();
    return { ok: true, value: toShareLink(row) };
  }

  /** Ends a link, and the part of everybody who came by it. */
  revoke(who: Identity, id: string): Outcome<null> {
    const { shareLinkRows, records, audit } = this.#parts;
    const row = shareLinkRows.get(id);
    if (row === undefined) return fail('not-found', 'There is no such link.');
    if (row.revokedAtMs !== null) return { ok: true, value: null };
    records.commit({ kind: 'DELETE', subject: 'share-link.revoked', data: { id } }, {}, () => {
      audit.note(who, { action: 'share-link.revoke', detail: { link: id } });
      shareLinkRows.put({ ...row, revokedAtMs: Date.now() });
    });
    this.#endAll((member) => member.linkId === id);
    return { ok: true, value: null };
  }

  /** Whether a secret lets in; one answer for all that does not: a guesser learns nothing. */
  open(tokenHash: string): Outcome<ShareLinkRow> {
    const { records, shareLinkRows } = this.#parts;
    const { current } = records;
    if (current === null || current.deleted || current.status === 'expired') return noLongerGood();
    const row = shareLinkRows.byToken(tokenHash);
    if (row === undefined || !isGood(row, Date.now())) return noLongerGood();
    return { ok: true, value: row };
  }

  /**
   * Makes whoever has the secret a member. Who is one already stays what they are, or becomes more by a better link, and
   * spends nothing. `place`: of whoever is signed in, in the session's workspace; of guests, what that demands.
   */
  redeem(tokenHash: string, bearer: LinkBearer, place: WorkspaceStanding): Outcome<Redeemed> {
    const found = this.open(tokenHash);
    if (!found.ok) return found;
    const row = found.value;
    const refusal = refusalOf(row, bearer, place);
    if (refusal !== null) return refusal;
    return 'who' in bearer
      ? this.#admitPerson(row, bearer.who, place)
      : this.#admitGuest(row, bearer.displayName, bearer.guestId);
  }

  /** Ends what has run out; called by the timer. */
  sweep(nowMs: number): void {
    const { shareLinkRows } = this.#parts;
    const good = new Set(
      shareLinkRows
        .all()
        .filter((row) => isGood(row, nowMs))
        .map(({ id }) => id),
    );
    this.#endAll(
      ({ linkId, expiresAtMs }) =>
        (linkId !== null && !good.has(linkId)) || (expiresAtMs !== null && expiresAtMs <= nowMs),
    );
    this.watch();
  }

  /** Sets the timer for whatever runs out next, of what somebody came by. */
  watch(): void {
    const { memberRows, shareLinkRows, timers } = this.#parts;
    const ends = memberRows.active().flatMap(({ linkId, expiresAtMs }) => {
      const link = linkId === null ? undefined : shareLinkRows.get(linkId);
      return [link?.expiresAtMs ?? Infinity, expiresAtMs ?? Infinity];
    });
    const next = Math.min(Infinity, ...ends);
    if (next === Infinity) timers.clear('links');
    else timers.set('links', next);
  }

  #admitPerson(row: ShareLinkRow, who: Identity, place: WorkspaceStanding): Outcome<Redeemed> {
    const { memberRows } = this.#parts;
    const known = memberRows.get(who.userId);
    const role: Role = place.role === 'viewer' ? 'viewer' : row.role;
    const has = known?.role ?? null;
    if (has !== null && (has === role || has !== 'viewer'))
      return { ok: true, value: { role: has, guest: null } };
    if (has === null && memberRows.active().filter(({ userId }) => !isGuestId(userId)).length >= MAX_MEMBERS)
      return fail('limit-exceeded', 'The session has as many members as it can have; ask its owner.');
    // A direct member becomes more by the link, and stays direct.
    const linkId = has !== null && known?.linkId === null ? null : row.id;
    this.#admit(row, who, {
      ...{ userId: who.userId, displayName: who.displayName, role, linkId, expiresAtMs: null },
      outside: place.role === null,
    });
    return { ok: true, value: { role, guest: null } };
  }

  #admitGuest(row: ShareLinkRow, displayName: string, guestId: string | null): Outcome<Redeemed> {
    const { memberRows } = this.#parts;
    const known = guestId === null ? undefined : memberRows.get(guestId);
    const expiresAtMs = Math.min(row.expiresAtMs, Date.now() + GUEST_TTL_MS);
    if (known !== undefined && known.role !== null && known.linkId === row.id) {
      // The same guest, for longer: no event, because nothing changes for anybody else.
      memberRows.put({ ...known, expiresAtMs });
      this.watch();
      return { ok: true, value: { role: known.role, guest: { userId: known.userId, expiresAtMs } } };
    }
    if (memberRows.active().filter(({ userId }) => isGuestId(userId)).length >= MAX_GUESTS)
      return fail('limit-exceeded', 'The session has as many guests as it can have; sign in, or try later.');
    const userId = newGuestId();
    const { role } = row;
    const admitted = { userId, displayName, role, linkId: row.id, expiresAtMs, outside: true };
    const refused = this.#admit(row, null, admitted);
    return refused ?? { ok: true, value: { role, guest: { userId, expiresAtMs } } };
  }

  /** `bearer` null: a guest. Null: done. */
  #admit(
    row: ShareLinkRow,
    bearer: Identity | null,
    member: Pick<ActiveMember, 'userId' | 'displayName' | 'role' | 'linkId' | 'expiresAtMs' | 'outside'>,
  ): Failure | null {
    const { memberRows, shareLinkRows, records, participants, index, audit } = this.#parts;
    if (!isOpen(row, Date.now())) return noLongerGood();
    const { userId, role } = member;
    const before = memberRows.get(userId);
    const kind = before === undefined || before.role === null ? 'CREATE' : 'UPDATE';
    const data = { userId, role, link: row.id };
    records.commit({ kind, subject: kind === 'CREATE' ? 'member.added' : 'member.changed', data }, {}, () => {
      audit.note(bearer, { action: 'share-link.use', detail: { link: row.id, userId, role } });
      shareLinkRows.put({ ...row, uses: row.uses + 1 });
      memberRows.put({
        ...member,
        addedAtMs: kind === 'CREATE' ? Date.now() : (before?.addedAtMs ?? Date.now()),
        indexDirty: true,
      });
    });
    participants.roleChanged(userId, role);
    index.drain();
    this.watch();
    return null;
  }

  #endAll(which: (member: ActiveMember) => boolean): void {
    const { memberRows, members } = this.#parts;
    for (const member of memberRows.active().filter(which)) members.end(member.userId, 'link');
    this.watch();
  }
}

function refusalOf(row: ShareLinkRow, bearer: LinkBearer, place: WorkspaceStanding): Failure | null {
  const isGuest = !('who' in bearer);
  if (isGuest && row.signedInOnly)
    return fail('unauthenticated', 'This link is only for who is signed in; sign in and open it again.');
  if (!place.policy.shareLinks || (place.role === null && !place.policy.outsideSharing))
    return fail('forbidden', 'The workspace of this session does not let you in by link; ask its owner.');
  return null;
}

function noLongerGood(): Failure {
  return fail('not-found', 'This link is not good, or not any more. Ask for a new one.');
}
