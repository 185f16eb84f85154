import { drizzle, type DrizzleSqliteDODatabase } from 'drizzle-orm/durable-sqlite';
import { migrate } from 'drizzle-orm/durable-sqlite/migrator';
import { z } from 'zod';
import type { Vault } from '../shared/vault/vault.ts';
import { migrationsBeforeSealing, newestShape, sessionMigrations } from './migrations/index.ts';
import * as schema from './schema.ts';
import { hasClearContent, sealClearContent } from './seal-clear-content.ts';

/** The session's SQLite database, in its actor. All calls are synchronous. */
export type Database = DrizzleSqliteDODatabase<typeof schema>;

/** Opens the database without touching it. */
export function openDatabase(storage: DurableObjectStorage): Database {
  return drizzle(storage, { schema });
}

/**
 * Whose data is here, in whatever shape; null when no session was created here. Asking about one that never was leaves
 * no trace in storage.
 */
export function storedSession({ sql }: DurableObjectStorage): { id: string; workspaceId: string } | null {
  if (!hasTables(sql)) return null;
  const [row] = sql.exec('SELECT id, workspace_id AS workspaceId FROM session').toArray();
  return row === undefined ? null : z.object({ id: z.string(), workspaceId: z.string() }).parse(row);
}

/**
 * Brings the database to the newest shape, with the vault unlocked. Throws when a migration fails; nothing of it is then
 * applied.
 */
export async function migrateDatabase(
  database: Database,
  storage: DurableObjectStorage,
  vault: Vault,
): Promise<void> {
  if (!hasTables(storage.sql)) return migrate(database, newestShape);
  if (isNewest(storage.sql)) return;
  if (hasClearContent(storage.sql)) {
    await migrate(database, migrationsBeforeSealing);
    storage.transactionSync(() => sealClearContent(storage.sql, vault));
  }
  await migrate(database, sessionMigrations);
}

function hasTables(sql: SqlStorage): boolean {
  const tables = sql.exec("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'session'");
  return tables.toArray().length > 0;
}

/** Asked at every wake, so that a database with nothing to migrate is not gone through by the migrator. */
function isNewest(sql: SqlStorage): boolean {
  const { at } = sql.exec('SELECT max(created_at) AS at FROM __drizzle_migrations').one();
  return at === newestShape.journal.entries[0]?.when;
}
