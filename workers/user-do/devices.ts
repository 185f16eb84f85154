import { z } from 'zod';
import type { AlarmUnit } from '../shared/alarms.ts';
import type {
  Device,
  DeviceEnd,
  DeviceFacts,
  DeviceGrant,
  RefreshAnswer,
  SignIn,
} from '../shared/devices-rpc.ts';
import { randomId } from '../shared/ids.ts';
import { formatRefreshToken } from '../shared/refresh-token.ts';
import {
  decideRefresh,
  endsAtMs,
  hashSecret,
  hasEnded,
  REFRESH_ABSOLUTE_MS,
  REFRESH_IDLE_MS,
  refreshKey,
  refreshSecret,
} from './refresh-family.ts';

/** Devices of one user that are signed in at a time; the one used longest ago makes room. */
export const MAX_DEVICES = 100;
/** What has ended is remembered for so long. */
const KEPT_AFTER_END_MS = 7 * 24 * 3_600_000;
const ID_BYTES = 16;
const SALT_BYTES = 16;

const Row = z.object({
  ...{ id: z.string(), salt: z.string(), generation: z.number() },
  ...{ currentHash: z.string(), previousHash: z.string().nullable() },
  ...{ createdAtMs: z.number(), rotatedAtMs: z.number(), expiresAtMs: z.number() },
  ...{ revokedAtMs: z.number().nullable(), revokedWhy: z.string().nullable() },
  ...{ label: z.string(), userAgent: z.string(), address: z.string() },
  ...{ displayName: z.string(), workspaceId: z.string(), authenticatedAtMs: z.number() },
  providerId: z.string().nullable(),
});
/** A device as it is stored: its family of refresh tokens and what is known of it. */
export type DeviceRow = z.infer<typeof Row>;

/** The answer to a token that is no good. */
const GONE: { answer: RefreshAnswer; reused: null } = { answer: { ok: false, why: 'gone' }, reused: null };

/** The signed-in browsers and CLIs of one user, each with its family of refresh tokens. */
export class Devices implements AlarmUnit {
  readonly name = 'devices';
  readonly #sql: SqlStorage;
  readonly #userId: () => string;
  readonly #key: Uint8Array;
  readonly #changed: (row: DeviceRow) => void;

  /** `changed` hears of every device that begins, goes on or ends, in the transaction of the change. */
  constructor(sql: SqlStorage, userId: () => string, signingKey: string, changed: (row: DeviceRow) => void) {
    this.#sql = sql;
    this.#userId = userId;
    this.#key = refreshKey(signingKey);
    this.#changed = changed;
    sql.exec(`CREATE TABLE IF NOT EXISTS devices (
      id TEXT PRIMARY KEY, salt TEXT NOT NULL, generation INTEGER NOT NULL,
      currentHash TEXT NOT NULL, previousHash TEXT,
      createdAtMs INTEGER NOT NULL, rotatedAtMs INTEGER NOT NULL, expiresAtMs INTEGER NOT NULL,
      revokedAtMs INTEGER, revokedWhy TEXT,
      label TEXT NOT NULL, userAgent TEXT NOT NULL, address TEXT NOT NULL,
      displayName TEXT NOT NULL, workspaceId TEXT NOT NULL, authenticatedAtMs INTEGER NOT NULL,
      providerId TEXT)`);
  }

  /** A new device. The clock is the caller's. */
  add(input: SignIn, nowMs: number): DeviceGrant {
    this.#makeRoom(nowMs);
    const [id, salt] = [randomId(ID_BYTES), randomId(SALT_BYTES)];
    const secret = refreshSecret(this.#key, { userId: this.#userId(), id, salt }, 0);
    const row: DeviceRow = {
      ...{ id, salt, generation: 0, currentHash: hashSecret(secret), previousHash: null },
      ...{ createdAtMs: nowMs, rotatedAtMs: nowMs, expiresAtMs: nowMs + REFRESH_ABSOLUTE_MS },
      ...{ revokedAtMs: null, revokedWhy: null },
      ...{ label: input.label, userAgent: input.userAgent, address: input.address },
      ...{ displayName: input.displayName, workspaceId: input.workspaceId },
      authenticatedAtMs: input.authenticatedAtMs,
      providerId: input.identity?.providerId ?? null,
    };
    this.#put(row);
    return this.#grant(row);
  }

  /**
   * Spends a refresh token. A spent one that comes again ends the device, which is then `reused`: somebody else has a
   * copy.
   */
  refresh(
    token: { deviceId: string; generation: number; secret: string },
    facts: DeviceFacts,
    nowMs: number,
  ): { answer: RefreshAnswer; reused: DeviceRow | null } {
    const row = this.#find(token.deviceId);
    if (row === null) return GONE;
    const presented = {
      generation: token.generation,
      hash: hashSecret(token.secret),
      isGenuine: () => token.secret === this.#secretOf(row, token.generation),
    };
    switch (decideRefresh(row, presented, nowMs)) {
      case 'refuse':
        return GONE;
      case 'reuse':
        this.#end(row, 'reuse', nowMs);
        return { answer: { ok: false, why: 'reuse' }, reused: row };
      case 'repeat':
        // After a change of the key that makes secrets the same successor cannot be made again.
        if (hashSecret(this.#secretOf(row, row.generation)) !== row.currentHash) return GONE;
        return { answer: { ok: true, grant: this.#grant(row) }, reused: null };
      case 'rotate': {
        const generation = row.generation + 1;
        const next: DeviceRow = {
          ...row,
          ...{ generation, currentHash: hashSecret(this.#secretOf(row, generation)) },
          ...{ previousHash: row.currentHash, rotatedAtMs: nowMs },
          ...{ userAgent: facts.userAgent, address: facts.address },
        };
        this.#put(next);
        return { answer: { ok: true, grant: this.#grant(next) }, reused: null };
      }
    }
  }

  list(nowMs: number): Device[] {
    return this.#all()
      .filter((row) => !hasEnded(row, nowMs))
      .sort((a, b) => b.rotatedAtMs - a.rotatedAtMs)
      .map((row) => ({
        ...{ id: row.id, label: row.label, userAgent: row.userAgent, address: row.address },
        createdAt: new Date(row.createdAtMs).toISOString(),
        lastUsedAt: new Date(row.rotatedAtMs).toISOString(),
        expiresAt: new Date(endsAtMs(row)).toISOString(),
      }));
  }

  /** Null: there is none, or it has ended. */
  end(id: string, why: DeviceEnd, nowMs: number): DeviceRow | null {
    const row = this.#find(id);
    if (row === null || hasEnded(row, nowMs)) return null;
    this.#end(row, why, nowMs);
    return row;
  }

  /** Out: those that ended. */
  endAll(why: DeviceEnd, nowMs: number): DeviceRow[] {
    const active = this.#all().filter((row) => !hasEnded(row, nowMs));
    for (const row of active) this.#end(row, why, nowMs);
    return active;
  }

  isActive(id: string, nowMs: number): boolean {
    const row = this.#find(id);
    return row !== null && !hasEnded(row, nowMs);
  }

  dueMs(): number | null {
    const row = this.#sql
      .exec(
        'SELECT min(coalesce(revokedAtMs, min(expiresAtMs, rotatedAtMs + ?))) AS ms FROM devices',
        REFRESH_IDLE_MS,
      )
      .one();
    return typeof row['ms'] === 'number' ? row['ms'] + KEPT_AFTER_END_MS : null;
  }

  run(nowMs: number): void {
    this.#sql.exec(
      'DELETE FROM devices WHERE coalesce(revokedAtMs, min(expiresAtMs, rotatedAtMs + ?)) + ? <= ?',
      ...[REFRESH_IDLE_MS, KEPT_AFTER_END_MS, nowMs],
    );
  }

  #makeRoom(nowMs: number): void {
    const active = this.#all().filter((row) => !hasEnded(row, nowMs));
    active.sort((a, b) => b.rotatedAtMs - a.rotatedAtMs);
    for (const row of active.slice(MAX_DEVICES - 1)) this.#end(row, 'crowded-out', nowMs);
  }

  #secretOf(row: DeviceRow, generation: number): string {
    return refreshSecret(this.#key, { userId: this.#userId(), id: row.id, salt: row.salt }, generation);
  }

  /** The current token of a device. */
  #grant(row: DeviceRow): DeviceGrant {
    const { id: deviceId, generation, displayName, workspaceId, authenticatedAtMs } = row;
    const secret = this.#secretOf(row, generation);
    return {
      refreshToken: formatRefreshToken({ userId: this.#userId(), deviceId, generation, secret }),
      refreshExpiresAtMs: endsAtMs(row),
      ...{ deviceId, displayName, workspaceId, authenticatedAtMs },
    };
  }

  #end(row: DeviceRow, why: DeviceEnd, nowMs: number): void {
    this.#put({ ...row, revokedAtMs: nowMs, revokedWhy: why });
  }

  #find(id: string): DeviceRow | null {
    const row = this.#sql.exec('SELECT * FROM devices WHERE id = ?', id).toArray()[0];
    return row === undefined ? null : Row.parse(row);
  }

  #all(): DeviceRow[] {
    return z.array(Row).parse(this.#sql.exec('SELECT * FROM devices').toArray());
  }

  #put(row: DeviceRow): void {
    const columns = Row.keyof().options;
    this.#sql.exec(
      `INSERT OR REPLACE INTO devices (${columns.join(', ')}) VALUES (${columns.map(() => '?').join(', ')})`,
      ...columns.map((column) => row[column]),
    );
    this.#changed(row);
  }
}
