import { draftOf } from '../shared/audit/draft.ts';
import type { AuditOutbox } from '../shared/audit/outbox.ts';
import type { AccountRecord } from '../shared/account-rpc.ts';
import type { Identity } from '../shared/rpc.ts';
import type { Identities } from './identities.ts';
import type { NameNews } from './name-news.ts';
import type { Profile } from './profile.ts';

/** What the account page is made of. */
export interface AccountParts {
  storage: DurableObjectStorage;
  profile: Profile;
  identities: Identities;
  news: NameNews;
  audit: AuditOutbox;
}

/** The user's own view of who they are, and how they change it. */
export class AccountProfile {
  readonly #parts: AccountParts;

  constructor(parts: AccountParts) {
    this.#parts = parts;
  }

  record(): AccountRecord {
    const { profile, identities } = this.#parts;
    const rows = identities.all().map(({ createdAtMs, lastUsedAtMs, ...row }) => ({
      ...row,
      createdAt: new Date(createdAtMs).toISOString(),
      lastUsedAt: new Date(lastUsedAtMs).toISOString(),
    }));
    return { ...profile.current, identities: rows };
  }

  /** Null: the name from the sign-in again. The name itself is not in the audit log. */
  rename(who: Identity, name: string | null): AccountRecord {
    const { storage, profile, news, audit } = this.#parts;
    if (name !== profile.current.chosenName) {
      storage.transactionSync(() => {
        audit.record(
          draftOf(who, {
            ...{ action: 'user.rename', target: { kind: 'user', id: who.userId }, workspaceId: who.userId },
            detail: { chosen: name !== null },
          }),
        );
        profile.choose(name);
        news.put();
      });
    }
    return this.record();
  }
}
