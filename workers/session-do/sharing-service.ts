import type { ShareLink } from '../../protocol/messages/share-link.ts';
import { sha256 } from '../shared/ids.ts';
import type { Action } from '../shared/policy/session-actions.ts';
import type { WorkspaceStanding } from '../shared/policy/standing.ts';
import type { Identity, Outcome } from '../shared/rpc.ts';
import type { Parts } from './parts.ts';
import type { SessionRow } from './schema.ts';
import type { LinkBearer, NewShareLink, Redeemed } from './share-links.ts';

/** Whether a caller may do something now. */
type Check = (who: Identity, action: Action) => Outcome<SessionRow>;

/** What callers of the session's RPC may do and get about share links and its owner. */
export class SharingService {
  readonly #parts: Parts;
  readonly #check: Check;

  constructor(parts: Parts, check: Check) {
    this.#parts = parts;
    this.#check = check;
  }

  async createLink(who: Identity, input: NewShareLink): Promise<Outcome<ShareLink>> {
    const before = this.#check(who, 'rpc.createShareLink');
    if (!before.ok) return before;
    const place = await this.#placeOf(before.value.workspaceId, who.userId);
    // Asked again after the wait, so that nothing can change between the check and the write.
    const row = this.#check(who, 'rpc.createShareLink');
    return row.ok ? this.#parts.shareLinks.create(who, input, place) : row;
  }

  listLinks(who: Identity): Outcome<ShareLink[]> {
    const row = this.#check(who, 'rpc.listShareLinks');
    return row.ok ? { ok: true, value: this.#parts.shareLinks.list() } : row;
  }

  revokeLink(who: Identity, id: string): Outcome<null> {
    const row = this.#check(who, 'rpc.revokeShareLink');
    return row.ok ? this.#parts.shareLinks.revoke(who, id) : row;
  }

  async transfer(who: Identity, userId: string): Promise<Outcome<null>> {
    const before = this.#check(who, 'rpc.transfer');
    if (!before.ok) return before;
    const place = await this.#placeOf(before.value.workspaceId, userId);
    const row = this.#check(who, 'rpc.transfer');
    return row.ok ? this.#parts.members.transfer(who, userId, place) : row;
  }

  /** The secret is what counts: whoever has it is no member yet. */
  async redeem(token: string, bearer: LinkBearer): Promise<Outcome<Redeemed>> {
    const { records, shareLinks } = this.#parts;
    const hash = await sha256(token);
    const open = shareLinks.open(hash);
    if (!open.ok) return open;
    const userId = 'who' in bearer ? bearer.who.userId : (bearer.guestId ?? '');
    return shareLinks.redeem(hash, bearer, await this.#placeOf(records.row.workspaceId, userId));
  }

  async #placeOf(workspaceId: string, userId: string): Promise<WorkspaceStanding> {
    const { WORKSPACES } = this.#parts.env;
    return WORKSPACES.get(WORKSPACES.idFromName(workspaceId)).standing(userId);
  }
}
