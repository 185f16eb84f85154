import { z } from 'zod';
import { MAX_USER_SOCKETS } from '../../protocol/limits.ts';
import { withDeadline } from '../shared/deadline.ts';
import type { Env } from '../shared/env.ts';
import { fail } from '../shared/outcome.ts';
import type { Outcome } from '../shared/rpc.ts';
import type { KeptPlaces } from '../shared/sockets-rpc.ts';

/** Sessions asked at once for places that they keep and do not need, how long each may take, and how often this is done. */
const ASKED_AT_ONCE = 64;
const ASK_TIMEOUT_MS = 2_000;
const ASK_EVERY_MS = 1_000;

const Limit = z.object({
  ALEX_MAX_USER_SOCKETS: z.coerce.number().int().positive().default(MAX_USER_SOCKETS),
});
const Row = z.object({ sessionId: z.string(), places: z.number(), version: z.number() });
type Row = z.infer<typeof Row>;

/**
 * How many sockets a user may have open, over all sessions: exactly, because no session lets one in for which it does not
 * keep a place, and places are counted here. A session keeps a place after its socket is gone, for when it comes back, so
 * a crowd that returns asks nothing and writes nothing. When places run out, sessions are asked which they do not need.
 */
export class KeptSocketPlaces {
  readonly #sql: SqlStorage;
  readonly #sessions: Env['SESSIONS'];
  readonly #userId: () => string;
  readonly #limit: number;
  /** The sum of all rows, once it was needed: there may be thousands. */
  #used: number | null = null;
  #asking: Promise<void> | null = null;
  #askedAtMs = 0;

  constructor(sql: SqlStorage, env: Env, userId: () => string) {
    this.#sql = sql;
    this.#sessions = env.SESSIONS;
    this.#userId = userId;
    this.#limit = Limit.parse(env).ALEX_MAX_USER_SOCKETS;
    sql.exec(`CREATE TABLE IF NOT EXISTS socketPlaces (
      sessionId TEXT PRIMARY KEY, places INTEGER NOT NULL, version INTEGER NOT NULL, askedAtMs INTEGER NOT NULL)`);
  }

  get usage(): { used: number; limit: number } {
    this.#used ??= Number(
      this.#sql.exec('SELECT coalesce(sum(places), 0) AS used FROM socketPlaces').one()['used'],
    );
    return { used: this.#used, limit: this.#limit };
  }

  /** See `SocketPlacesRpc.keepSocketPlaces`. */
  async keep(sessionId: string, kept: KeptPlaces): Promise<Outcome<null>> {
    const more = (): number => kept.places - (this.#find(sessionId)?.places ?? 0);
    if (more() <= 0) {
      this.#lower(sessionId, kept);
      return { ok: true, value: null };
    }
    if (!this.#fits(more())) await this.#reclaim(sessionId);
    if (!this.#fits(more()))
      return fail(
        'limit-exceeded',
        `At most ${this.#limit} connections of yours at once; close some pages or terminals, and try again.`,
      );
    this.#put({ sessionId, ...kept, version: Math.max(kept.version, this.#find(sessionId)?.version ?? 0) });
    return { ok: true, value: null };
  }

  #fits(more: number): boolean {
    const { used, limit } = this.usage;
    return more <= 0 || used + more <= limit;
  }

  /** Asks sessions for places they do not need, those first that were asked longest ago; `but`: the one that asks. */
  async #reclaim(but: string): Promise<void> {
    if (this.#asking === null && Date.now() - this.#askedAtMs < ASK_EVERY_MS) return;
    this.#asking ??= this.#ask(but).finally(() => (this.#asking = null));
    return this.#asking;
  }

  async #ask(but: string): Promise<void> {
    this.#askedAtMs = Date.now();
    const rows = z
      .array(Row)
      .parse(
        this.#sql
          .exec(
            'SELECT * FROM socketPlaces WHERE sessionId <> ? ORDER BY askedAtMs LIMIT ?',
            but,
            ASKED_AT_ONCE,
          )
          .toArray(),
      );
    for (const { sessionId } of rows)
      this.#sql.exec('UPDATE socketPlaces SET askedAtMs = ? WHERE sessionId = ?', this.#askedAtMs, sessionId);
    await Promise.all(
      rows.map(async ({ sessionId, version }) => {
        const session = this.#sessions.get(this.#sessions.idFromName(sessionId));
        const needed = session.neededSocketPlaces(this.#userId(), version);
        // One that does not answer keeps what it has.
        const kept = await withDeadline(needed, ASK_TIMEOUT_MS).catch(() => null);
        if (kept !== null) this.#lower(sessionId, kept);
      }),
    );
  }

  #lower(sessionId: string, { places, version }: KeptPlaces): void {
    const row = this.#find(sessionId);
    if (row === null || version <= row.version || places > row.places) return;
    if (places > 0) return this.#put({ sessionId, places, version });
    const { used } = this.usage;
    this.#sql.exec('DELETE FROM socketPlaces WHERE sessionId = ?', sessionId);
    this.#used = used - row.places;
  }

  #find(sessionId: string): Row | null {
    const row = this.#sql.exec('SELECT * FROM socketPlaces WHERE sessionId = ?', sessionId).toArray()[0];
    return row === undefined ? null : Row.parse(row);
  }

  #put({ sessionId, places, version }: Row): void {
    const used = this.usage.used - (this.#find(sessionId)?.places ?? 0) + places;
    this.#sql.exec(
      `INSERT INTO socketPlaces (sessionId, places, version, askedAtMs) VALUES (?, ?, ?, ?)
       ON CONFLICT (sessionId) DO UPDATE SET places = excluded.places, version = excluded.version`,
      ...[sessionId, places, version, Date.now()],
    );
    this.#used = used;
  }
}
