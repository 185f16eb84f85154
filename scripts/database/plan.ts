import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:net';

/** Environments of the two parts that have to do with the database. `part` null: there is none. */
export interface DatabasePlan {
  edge: Record<string, string>;
  part: Record<string, string> | null;
}

/**
 * How the stack of this machine gets its database. `url`: `none`; a Postgres anywhere; or absent for one of its own. The
 * edge always talks to the database part, with a credential that is new for every start.
 */
export async function planDatabase(url: string | undefined): Promise<DatabasePlan> {
  if (url === 'none') return { edge: { DATABASE_URL: '' }, part: null };
  const port = await freePort();
  const credential = `postgresql://alex:${randomBytes(24).toString('hex')}@127.0.0.1/alex`;
  return {
    edge: { DATABASE_URL: credential, DATABASE_ENDPOINT: `http://127.0.0.1:${port}/sql` },
    part: { ALEX_DATABASE_PORT: String(port), ALEX_DATABASE_CREDENTIAL: credential },
  };
}

/** A loopback port that nobody listens on right now. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('There is no free port.');
  return address.port;
}
