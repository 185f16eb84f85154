import { once } from 'node:events';
import { Pool } from 'pg';
import { z } from 'zod';
import { createLogger } from '../../sandbox-host/shared/log.ts';
import { type EmbeddedPostgres, startPostgres } from './embedded-postgres.ts';
import { migrateDatabase } from './migrate.ts';
import { neonEndpoint } from './neon-endpoint.ts';

/**
 * The `database` part of `npm start`: Postgres of the data directory, or the one DATABASE_URL names, migrated, with
 * Neon's protocol in front for the Worker. Everything else runs on without it; whatever it is to be told waits.
 */
const MAX_CONNECTIONS = 20;
const CONNECT_TIMEOUT_MS = 5_000;
const STATEMENT_TIMEOUT_MS = 10_000;

const Environment = z.object({
  ALEX_DATA: z.string().min(1),
  ALEX_DATABASE_PORT: z.coerce.number().int().min(1).max(65_535),
  /** What the Worker proves itself with. */
  ALEX_DATABASE_CREDENTIAL: z.string().min(1),
  /** An ordinary Postgres elsewhere; absent: one of our own. */
  DATABASE_URL: z.string().min(1).optional(),
});

const log = createLogger('database');
const config = Environment.parse(process.env);
const own: EmbeddedPostgres | null =
  config.DATABASE_URL === undefined ? await startPostgres(config.ALEX_DATA) : null;
const connection = own?.connection ?? { connectionString: config.DATABASE_URL ?? '' };
log.info(await migrateDatabase(connection), 'migrated');
const pool = new Pool({
  ...connection,
  max: MAX_CONNECTIONS,
  connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
  statement_timeout: STATEMENT_TIMEOUT_MS,
});
// An idle connection that broke: the pool makes another.
pool.on('error', (error) => log.warn({ detail: error.message }, 'a connection ended'));
const endpoint = neonEndpoint(pool, config.ALEX_DATABASE_CREDENTIAL);
endpoint.listen(config.ALEX_DATABASE_PORT, '127.0.0.1');
await once(endpoint, 'listening');
log.info('ready');

// The supervisor starts this part again, and Postgres with it.
void own?.ended.then(() => process.exit(1));
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => {
    endpoint.closeAllConnections();
    void Promise.resolve(own?.stop()).finally(() => process.exit(0));
  });
}
