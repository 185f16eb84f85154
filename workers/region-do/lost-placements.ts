import { z } from 'zod';
import type { AlarmUnit } from '../shared/alarms.ts';
import { TELL_FOR_MS, TELL_RETRY_MS } from './limits.ts';
import type { Parts } from './parts.ts';
import type { PlacementRow } from './registry.ts';
import { tellSessions } from './tell-sessions.ts';

const LostRow = z.object({
  sessionId: z.string(),
  epoch: z.number(),
  detail: z.string(),
  /** When it was lost, and when its session is told again. */
  sinceMs: z.number(),
  tellAtMs: z.number(),
});

/**
 * Placements that came to nothing, or whose host is lost: their sessions are told, and those that cannot be told are told
 * again by alarm, until they are or have another placement, for TELL_FOR_MS at most.
 */
export class LostPlacements implements AlarmUnit {
  readonly name = 'lost-placements';
  readonly #sql: SqlStorage;
  readonly #parts: Parts;

  constructor(sql: SqlStorage, parts: Parts) {
    this.#sql = sql;
    this.#parts = parts;
    sql.exec(`CREATE TABLE IF NOT EXISTS lost_placements (
      sessionId TEXT PRIMARY KEY, epoch INTEGER NOT NULL, detail TEXT NOT NULL,
      sinceMs INTEGER NOT NULL, tellAtMs INTEGER NOT NULL)`);
  }

  /** Tells the sessions why, `detail`, and forgets these placements. */
  async tell(placements: readonly PlacementRow[], detail: string): Promise<void> {
    const { env, registry, alarms } = this.#parts;
    const untold = await tellSessions(
      env,
      placements.map((row) => ({ ...row, detail })),
      (row) => registry.removePlacement(row),
    );
    const nowMs = Date.now();
    for (const row of untold) {
      if (!registry.removePlacement(row)) continue;
      this.#sql.exec(
        'INSERT OR REPLACE INTO lost_placements (sessionId, epoch, detail, sinceMs, tellAtMs) VALUES (?, ?, ?, ?, ?)',
        ...[row.sessionId, row.epoch, detail, nowMs, nowMs + TELL_RETRY_MS],
      );
    }
    if (untold.length > 0) await alarms.arm();
  }

  dueMs(): number | null {
    return this.#sql.exec<{ atMs: number | null }>('SELECT MIN(tellAtMs) AS atMs FROM lost_placements').one()
      .atMs;
  }

  async run(nowMs: number): Promise<void> {
    const { env, registry } = this.#parts;
    const due = z
      .array(LostRow)
      .parse(this.#sql.exec('SELECT * FROM lost_placements WHERE tellAtMs <= ?', nowMs).toArray());
    const still = due.filter((row) => {
      // Placed since, or its host has it after all.
      const moved = (registry.placement(row.sessionId)?.epoch ?? -1) >= row.epoch;
      const tooLate = nowMs - row.sinceMs >= TELL_FOR_MS;
      if (moved || tooLate) this.#forget(row);
      return !moved && !tooLate;
    });
    for (const { sessionId, epoch } of await tellSessions(env, still, (row) => this.#forget(row))) {
      this.#sql.exec(
        'UPDATE lost_placements SET tellAtMs = ? WHERE sessionId = ? AND epoch = ?',
        ...[nowMs + TELL_RETRY_MS, sessionId, epoch],
      );
    }
  }

  #forget({ sessionId, epoch }: { sessionId: string; epoch: number }): void {
    this.#sql.exec('DELETE FROM lost_placements WHERE sessionId = ? AND epoch = ?', sessionId, epoch);
  }
}
