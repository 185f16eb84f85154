import { count, eq, lte } from 'drizzle-orm';
import { TICKET_TTL_MS } from '../../protocol/limits.ts';
import type { Role } from '../../protocol/messages/session.ts';
import { randomId, sha256 } from '../shared/ids.ts';
import type { Database } from './database.ts';
import { MAX_OUTSTANDING_TICKETS } from './limits.ts';
import type { Vault } from '../shared/vault/vault.ts';
import { tickets } from './schema.ts';
import { sealedTickets } from './sealed.ts';

/** Random bytes of a ticket. */
const TICKET_BYTES = 32;

/**
 * What a ticket opens: a viewer's socket for a user, or a host's for one placement. `cap`: the most its bearer may do
 * there; null: whatever the user may.
 */
export type TicketGrant =
  { door: 'viewer'; userId: string; displayName: string; cap: Role | null } | { door: 'host'; epoch: number };

/** A fresh ticket: the secret goes to its bearer, only `hash` is stored. */
export interface DrawnTicket {
  ticket: string;
  hash: string;
}

/** Single-use tickets of {@link TICKET_TTL_MS} milliseconds. */
export class Tickets {
  readonly #database: Database;
  readonly #sealed: ReturnType<typeof sealedTickets>;

  constructor(database: Database, vault: Vault) {
    this.#database = database;
    this.#sealed = sealedTickets(vault);
  }

  /** Draws a ticket: 256 random bits, url-safe. It is worth nothing until {@link admit} has written its hash. */
  async draw(): Promise<DrawnTicket> {
    const ticket = randomId(TICKET_BYTES);
    return { ticket, hash: await sha256(ticket) };
  }

  /** Makes a drawn ticket valid. Synchronous, so that it can be part of a transaction. Null: too many are out. */
  admit(hash: string, grant: TicketGrant): { expiresAtMs: number } | null {
    const nowMs = Date.now();
    this.#database.delete(tickets).where(lte(tickets.expiresAtMs, nowMs)).run();
    const outstanding = this.#database.select({ n: count() }).from(tickets).get()?.n ?? 0;
    if (grant.door === 'viewer' && outstanding >= MAX_OUTSTANDING_TICKETS) return null;
    const expiresAtMs = nowMs + TICKET_TTL_MS;
    const row =
      grant.door === 'viewer'
        ? { userId: grant.userId, role: grant.cap, epoch: null, content: this.#sealed.seal(hash, grant) }
        : { userId: null, role: null, epoch: grant.epoch, content: null };
    this.#database
      .insert(tickets)
      .values({ hash, door: grant.door, expiresAtMs, ...row })
      .run();
    return { expiresAtMs };
  }

  /** Spends a ticket: its grant the first time within its life, null ever after and for any other string. */
  async spend(ticket: string): Promise<TicketGrant | null> {
    const hash = await sha256(ticket);
    const row = this.#database.delete(tickets).where(eq(tickets.hash, hash)).returning().get();
    if (row === undefined || row.expiresAtMs <= Date.now()) return null;
    if (row.door === 'host') return row.epoch === null ? null : { door: 'host', epoch: row.epoch };
    if (row.userId === null) return null;
    const { userId, role } = row;
    const { displayName } = this.#sealed.open(hash, row.content);
    return { door: 'viewer', userId, displayName: displayName ?? userId, cap: role };
  }
}
