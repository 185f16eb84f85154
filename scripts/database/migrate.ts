import { join } from 'node:path';
import { drizzle } from 'drizzle-orm/node-postgres';
import { migrate } from 'drizzle-orm/node-postgres/migrator';
import { Client, type ClientConfig } from 'pg';

const MIGRATIONS = join(import.meta.dirname, '..', '..', 'migrations');
const CONNECT_TIMEOUT_MS = 10_000;
/** Whoever migrates this database holds this advisory lock; any fixed number that nothing else of ours uses. */
const LOCK = 7_238_104_911;

/**
 * Brings a database up to the newest file in `migrations/`, each once and in order. Several may do it at once: they
 * wait for each other. Out: how many files had been applied before and are now.
 */
export async function migrateDatabase(connection: ClientConfig): Promise<{ before: number; after: number }> {
  const client = new Client({ ...connection, connectionTimeoutMillis: CONNECT_TIMEOUT_MS });
  await client.connect();
  try {
    // Released by the end of the connection, whatever happens to this process.
    await client.query('select pg_advisory_lock($1)', [LOCK]);
    const before = await countApplied(client);
    await migrate(drizzle(client), { migrationsFolder: MIGRATIONS });
    return { before, after: await countApplied(client) };
  } finally {
    await client.end();
  }
}

async function countApplied(client: Client): Promise<number> {
  const { rows } = await client.query<{ journal: string | null }>(
    "select to_regclass('drizzle.__drizzle_migrations')::text as journal",
  );
  if (rows[0] === undefined || rows[0].journal === null) return 0;
  const counted = await client.query<{ count: number }>(
    'select count(*)::int as count from drizzle.__drizzle_migrations',
  );
  return counted.rows[0]?.count ?? 0;
}
