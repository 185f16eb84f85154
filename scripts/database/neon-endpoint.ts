import { createHash, timingSafeEqual } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { DatabaseError, type Pool, type PoolClient, type QueryArrayResult } from 'pg';
import { z } from 'zod';

/**
 * Neon's SQL-over-HTTP protocol (as @neondatabase/serverless 1.x speaks it) in front of an ordinary Postgres, so that
 * the Worker talks to every database in one way. It serves one database and takes no other target: whoever does not
 * know its connection string gets nothing.
 */
const PATH = '/sql';
const MAX_BODY_BYTES = 4 * 1024 * 1024;
const MAX_QUERIES = 1_000;

const Query = z.object({ query: z.string().min(1), params: z.array(z.unknown()).default([]) });
const Body = z.union([z.object({ queries: z.array(Query).min(1).max(MAX_QUERIES) }), Query]);
type Query = z.infer<typeof Query>;

/** Isolation levels by the driver's names. */
const ISOLATION: Record<string, string> = {
  ReadUncommitted: 'read uncommitted',
  ReadCommitted: 'read committed',
  RepeatableRead: 'repeatable read',
  Serializable: 'serializable',
};
/** What the driver copies from a database's error to its own. */
const ERROR_FIELDS = [
  'severity',
  'code',
  'detail',
  'hint',
  'position',
  'schema',
  'table',
  'column',
  'constraint',
];
/** Values travel as Postgres wrote them; the driver knows their types. */
const RAW_TEXT = { getTypeParser: () => (value: string | null) => value };

/** A server for `pool`; callers prove themselves by `connectionString`. Not listening yet. */
export function neonEndpoint(pool: Pool, connectionString: string): Server {
  const expected = digest(connectionString);
  return createServer((request, response) => {
    const given = request.headers['neon-connection-string'];
    if (request.method !== 'POST' || request.url !== PATH)
      return answer(response, 404, { message: 'POST /sql' });
    if (typeof given !== 'string' || !timingSafeEqual(digest(withoutOptions(given)), expected)) {
      return answer(response, 401, { message: 'That is not the connection string of this database.' });
    }
    void serve(pool, request, response);
  });
}

async function serve(pool: Pool, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const text = await readBody(request);
  if (text === null) {
    // What is still on its way is not read, so the connection cannot serve another request.
    response.setHeader('connection', 'close');
    return answer(response, 413, { message: `At most ${MAX_BODY_BYTES} bytes.` });
  }
  const body = Body.safeParse(parseJson(text));
  if (!body.success) return answer(response, 400, { message: z.prettifyError(body.error) });
  try {
    const result =
      'queries' in body.data
        ? { results: await transaction(pool, body.data.queries, beginStatement(request)) }
        : present(await pool.query(statement(body.data)));
    answer(response, 200, result);
  } catch (error) {
    // FATAL: the connection ended, not the query was wrong.
    if (!(error instanceof DatabaseError) || error.severity === 'FATAL')
      return answer(response, 503, { message: String(error) });
    const fields = ERROR_FIELDS.map((name) => [name, Reflect.get(error, name)]);
    answer(response, 400, { message: error.message, ...Object.fromEntries(fields) });
  }
}

/** All of the queries, or none. */
async function transaction(pool: Pool, queries: Query[], begin: string): Promise<object[]> {
  const client = await pool.connect();
  try {
    await client.query(begin);
    const results = [];
    for (const query of queries) results.push(present(await client.query(statement(query))));
    await client.query('commit');
    client.release();
    return results;
  } catch (error) {
    await abandon(client);
    throw error;
  }
}

/** A connection that cannot even roll back is not given to the next. */
async function abandon(client: PoolClient): Promise<void> {
  const failed = await client.query('rollback').then(
    () => false,
    () => true,
  );
  client.release(failed);
}

function beginStatement(request: IncomingMessage): string {
  const header = (name: string): string => String(request.headers[name] ?? '');
  const level = ISOLATION[header('neon-batch-isolation-level')];
  return [
    'begin',
    ...(level === undefined ? [] : [`isolation level ${level}`]),
    ...(header('neon-batch-read-only') === 'true' ? ['read only'] : []),
    ...(header('neon-batch-deferrable') === 'true' ? ['deferrable'] : []),
  ].join(' ');
}

function statement({ query, params }: Query) {
  return { text: query, values: params, rowMode: 'array' as const, types: RAW_TEXT };
}

function present({ command, rowCount, rows, fields }: QueryArrayResult): object {
  const columns = fields.map(({ name, dataTypeID }) => ({ name, dataTypeID }));
  return { command, rowCount, rows, fields: columns, rowAsArray: true };
}

/** The driver adds parameters of its own, such as application_name. */
function withoutOptions(connectionString: string): string {
  return connectionString.split('?')[0] ?? '';
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

/** Null when it is larger than allowed. */
async function readBody(request: IncomingMessage): Promise<string | null> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request) {
    if (!Buffer.isBuffer(chunk)) continue;
    bytes += chunk.length;
    if (bytes > MAX_BODY_BYTES) return null;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function answer(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}
