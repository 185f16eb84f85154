import { z } from 'zod';

/** A host as it is kept across restarts of the actor. Load and health are in its socket's attachment. */
const HostRow = z.object({
  hostId: z.string(),
  region: z.string(),
  incarnation: z.string(),
  capacity: z.number(),
  draining: z.number().transform((flag) => flag === 1),
  lastSeenAtMs: z.number(),
  /** Set while it has no control socket: when its sessions are to be told. Null: connected, or they were told. */
  lostAtMs: z.number().nullable(),
});
export type HostRow = z.infer<typeof HostRow>;

const PlacementRow = z.object({ sessionId: z.string(), epoch: z.number(), hostId: z.string() });
export type PlacementRow = z.infer<typeof PlacementRow>;

/** Hosts of a region and where its sessions are, in SQLite. */
export class Registry {
  readonly #sql: SqlStorage;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
    sql.exec(`CREATE TABLE IF NOT EXISTS hosts (
      hostId TEXT PRIMARY KEY, region TEXT NOT NULL, incarnation TEXT NOT NULL, capacity INTEGER NOT NULL,
      draining INTEGER NOT NULL, lastSeenAtMs INTEGER NOT NULL, lostAtMs INTEGER)`);
    sql.exec(`CREATE TABLE IF NOT EXISTS placements (
      sessionId TEXT PRIMARY KEY, epoch INTEGER NOT NULL, hostId TEXT NOT NULL)`);
    sql.exec('CREATE INDEX IF NOT EXISTS placements_host ON placements (hostId)');
  }

  hosts(): HostRow[] {
    return z.array(HostRow).parse(this.#sql.exec('SELECT * FROM hosts ORDER BY hostId').toArray());
  }

  host(hostId: string): HostRow | null {
    const row = this.#sql.exec('SELECT * FROM hosts WHERE hostId = ?', hostId).toArray()[0];
    return row === undefined ? null : HostRow.parse(row);
  }

  /** A host said hello. A new incarnation is not draining: whoever drained the old one was done with it. */
  join(host: { hostId: string; region: string; incarnation: string; capacity: number }, nowMs: number): void {
    this.#sql.exec(
      `INSERT INTO hosts (hostId, region, incarnation, capacity, draining, lastSeenAtMs, lostAtMs)
       VALUES (?, ?, ?, ?, 0, ?, NULL)
       ON CONFLICT (hostId) DO UPDATE SET
         draining = CASE WHEN incarnation = excluded.incarnation THEN draining ELSE 0 END,
         region = excluded.region, incarnation = excluded.incarnation, capacity = excluded.capacity,
         lastSeenAtMs = excluded.lastSeenAtMs, lostAtMs = NULL`,
      host.hostId,
      host.region,
      host.incarnation,
      host.capacity,
      nowMs,
    );
  }

  /** The host has no control socket any more; its sessions are to be told at `lostAtMs` unless it is back by then. */
  leave(hostId: string, lastSeenAtMs: number, lostAtMs: number): void {
    this.#sql.exec(
      'UPDATE hosts SET lastSeenAtMs = ?, lostAtMs = ? WHERE hostId = ?',
      lastSeenAtMs,
      lostAtMs,
      hostId,
    );
  }

  /** The sessions of the lost host were told, or are being told. */
  settle(hostId: string, lostAtMs: number): void {
    this.#sql.exec('UPDATE hosts SET lostAtMs = NULL WHERE hostId = ? AND lostAtMs = ?', hostId, lostAtMs);
  }

  setDraining(hostId: string): void {
    this.#sql.exec('UPDATE hosts SET draining = 1 WHERE hostId = ?', hostId);
  }

  forget(hostId: string): void {
    this.#sql.exec('DELETE FROM hosts WHERE hostId = ?', hostId);
    this.#sql.exec('DELETE FROM placements WHERE hostId = ?', hostId);
  }

  placement(sessionId: string): PlacementRow | null {
    const row = this.#sql.exec('SELECT * FROM placements WHERE sessionId = ?', sessionId).toArray()[0];
    return row === undefined ? null : PlacementRow.parse(row);
  }

  /** True when exactly this placement is known. */
  holds({ sessionId, epoch, hostId }: PlacementRow): boolean {
    const known = this.placement(sessionId);
    return known !== null && known.hostId === hostId && known.epoch === epoch;
  }

  placementsOf(hostId: string): PlacementRow[] {
    return z
      .array(PlacementRow)
      .parse(this.#sql.exec('SELECT * FROM placements WHERE hostId = ?', hostId).toArray());
  }

  /** Notes where a session is; an older epoch never replaces a newer one. */
  putPlacement(row: PlacementRow): void {
    this.#sql.exec(
      `INSERT INTO placements (sessionId, epoch, hostId) VALUES (?, ?, ?)
       ON CONFLICT (sessionId) DO UPDATE SET epoch = excluded.epoch, hostId = excluded.hostId
       WHERE excluded.epoch >= placements.epoch`,
      row.sessionId,
      row.epoch,
      row.hostId,
    );
  }

  /** Forgets the placement of exactly this epoch on this host; true when there was one. */
  removePlacement(row: PlacementRow): boolean {
    const removed = this.#sql.exec(
      'DELETE FROM placements WHERE sessionId = ? AND epoch = ? AND hostId = ? RETURNING sessionId',
      row.sessionId,
      row.epoch,
      row.hostId,
    );
    return removed.toArray().length === 1;
  }
}
