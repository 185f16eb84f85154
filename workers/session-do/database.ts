import { drizzle, type DrizzleSqliteDODatabase } from 'drizzle-orm/durable-sqlite';
import { migrate } from 'drizzle-orm/durable-sqlite/migrator';
import { sessionMigrations } from './migrations/index.ts';
import * as schema from './schema.ts';

/** The session's SQLite database, in its actor. All calls are synchronous. */
export type Database = DrizzleSqliteDODatabase<typeof schema>;

/** Opens the database without touching it. */
export function openDatabase(storage: DurableObjectStorage): Database {
  return drizzle(storage, { schema });
}

/** True when a session was created here: asking about one that never was leaves no trace in storage. */
export function hasTables(storage: DurableObjectStorage): boolean {
  const found = storage.sql.exec("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'session'");
  return found.toArray().length > 0;
}

/** Brings the database to the newest shape. Throws when a migration fails; nothing of it is then applied. */
export async function migrateDatabase(database: Database): Promise<void> {
  await migrate(database, sessionMigrations);
}
