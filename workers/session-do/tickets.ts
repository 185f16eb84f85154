import { count, eq, gt, lte } from 'drizzle-orm';
import { TICKET_TTL_MS } from '../../protocol/limits.ts';
import type { Role } from '../../protocol/messages/session.ts';
import { randomId, sha256 } from '../shared/ids.ts';
import type { Database } from './database.ts';
import { MAX_OUTSTANDING_TICKETS, STORE_TICKETS_AFTER_MS } from './limits.ts';
import type { SocketAccess } from '../shared/policy/socket-access.ts';
import type { Vault } from '../shared/vault/vault.ts';
import { tickets } from './schema.ts';
import { sealedTickets } from './sealed.ts';

/** Random bytes of a ticket. */
const TICKET_BYTES = 32;

/**
 * What a ticket opens: a viewer's socket for a user, or a host's for one placement. `cap`: the most its bearer may do
 * there; null: whatever the user may. `access`: what the socket will stand on.
 */
export type TicketGrant =
  | { door: 'viewer'; userId: string; displayName: string; cap: Role | null; access: SocketAccess }
  | { door: 'host'; epoch: number };

/** A fresh ticket: the secret goes to its bearer, only `hash` is stored. */
export interface DrawnTicket {
  ticket: string;
  hash: string;
}

type ViewerGrant = Omit<Extract<TicketGrant, { door: 'viewer' }>, 'door'>;

/**
 * Single-use tickets of {@link TICKET_TTL_MS} milliseconds. Those of viewers are kept in memory and stored only when
 * they are not spent within {@link STORE_TICKETS_AFTER_MS}: most are spent at once, and coming back after the edge was
 * away then takes no write at all. Should the actor die before, who has one gets another.
 */
export class Tickets {
  readonly #database: Database;
  readonly #sealed: ReturnType<typeof sealedTickets>;
  /** By hash. */
  readonly #unstored = new Map<string, { grant: ViewerGrant; expiresAtMs: number }>();
  #storing: ReturnType<typeof setTimeout> | null = null;

  constructor(database: Database, vault: Vault) {
    this.#database = database;
    this.#sealed = sealedTickets(vault);
  }

  /** Draws a ticket: 256 random bits, url-safe. It is worth nothing until {@link admit} has written its hash. */
  async draw(): Promise<DrawnTicket> {
    const ticket = randomId(TICKET_BYTES);
    return { ticket, hash: await sha256(ticket) };
  }

  /** Makes a drawn ticket of a viewer valid. Null: too many are out. */
  admitViewer(hash: string, grant: ViewerGrant): { expiresAtMs: number } | null {
    const nowMs = Date.now();
    const unspent = gt(tickets.expiresAtMs, nowMs);
    const stored = this.#database.select({ n: count() }).from(tickets).where(unspent).get()?.n ?? 0;
    if (stored + this.#unstored.size >= MAX_OUTSTANDING_TICKETS) return null;
    const expiresAtMs = nowMs + TICKET_TTL_MS;
    this.#unstored.set(hash, { grant, expiresAtMs });
    this.#storing ??= setTimeout(() => this.#store(), STORE_TICKETS_AFTER_MS);
    return { expiresAtMs };
  }

  /** Makes a drawn ticket of a host valid, durably. Synchronous, so that it can be part of a transaction. */
  admitHost(hash: string, epoch: number): void {
    this.#deleteExpired();
    const row = { userId: null, role: null, epoch, content: null };
    this.#database
      .insert(tickets)
      .values({ hash, door: 'host', expiresAtMs: Date.now() + TICKET_TTL_MS, ...row })
      .run();
  }

  /** Spends a ticket: its grant the first time within its life, null ever after and for any other string. */
  async spend(ticket: string): Promise<TicketGrant | null> {
    const hash = await sha256(ticket);
    const unstored = this.#unstored.get(hash);
    if (unstored !== undefined) {
      this.#unstored.delete(hash);
      // Nothing is left to keep the actor awake for.
      if (this.#unstored.size === 0) this.forget();
      return unstored.expiresAtMs <= Date.now() ? null : { door: 'viewer', ...unstored.grant };
    }
    const row = this.#database.delete(tickets).where(eq(tickets.hash, hash)).returning().get();
    if (row === undefined || row.expiresAtMs <= Date.now()) return null;
    if (row.door === 'host') return row.epoch === null ? null : { door: 'host', epoch: row.epoch };
    if (row.userId === null) return null;
    const { userId, role } = row;
    const { displayName, access } = this.#sealed.open(hash, row.content);
    if (access === null) return null;
    return { door: 'viewer', userId, displayName: displayName ?? userId, cap: role, access };
  }

  /** Forgets what is not stored; also when the storage is gone. */
  forget(): void {
    this.#unstored.clear();
    if (this.#storing !== null) clearTimeout(this.#storing);
    this.#storing = null;
  }

  #store(): void {
    this.#storing = null;
    if (this.#unstored.size === 0) return;
    this.#database.transaction(() => {
      this.#deleteExpired();
      for (const [hash, { grant, expiresAtMs }] of this.#unstored) {
        const { userId, cap } = grant;
        const row = { userId, role: cap, epoch: null, content: this.#sealed.seal(hash, grant) };
        this.#database
          .insert(tickets)
          .values({ hash, door: 'viewer', expiresAtMs, ...row })
          .run();
      }
    });
    this.#unstored.clear();
  }

  #deleteExpired(): void {
    this.#database.delete(tickets).where(lte(tickets.expiresAtMs, Date.now())).run();
  }
}
