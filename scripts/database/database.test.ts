import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import type { Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { neon, neonConfig, NeonDbError } from '@neondatabase/serverless';
import { Pool } from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { AuditEntry } from '../../protocol/audit/entry.ts';
import { type AuditHead, EMPTY_HEAD, hashOf, rowAfter } from '../../protocol/audit/row.ts';
import { canonicalJson } from '../../protocol/sync/json.ts';
import { auditKind, openAuditHistory } from '../../workers/shared/directory/audit.ts';
import { openDirectory } from '../../workers/shared/directory/directory.ts';
import { type EmbeddedPostgres, startPostgres } from './embedded-postgres.ts';
import { migrateDatabase } from './migrate.ts';
import { neonEndpoint } from './neon-endpoint.ts';

/** A real Postgres of its own, the real Neon driver, and the endpoint between them. */
const CREDENTIAL = 'postgresql://alex:secret@database.alex.invalid/alex';
let data: string;
let postgres: EmbeddedPostgres;
let pool: Pool;
let endpoint: Server;

beforeAll(async () => {
  data = mkdtempSync(join(tmpdir(), 'alex-database-'));
  postgres = await startPostgres(data);
  await migrateDatabase(postgres.connection);
  pool = new Pool({ ...postgres.connection, max: 4 });
  pool.on('error', () => undefined);
  endpoint = neonEndpoint(pool, CREDENTIAL);
  endpoint.listen(0, '127.0.0.1');
  await once(endpoint, 'listening');
  const address = endpoint.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  neonConfig.fetchEndpoint = `http://127.0.0.1:${address.port}/sql`;
}, 60_000);
afterAll(async () => {
  endpoint.close();
  endpoint.closeAllConnections();
  await pool.end();
  await postgres.stop();
  rmSync(data, { recursive: true, force: true });
});

const sql = neon(CREDENTIAL);

describe('migrations', () => {
  it('are applied once, also by several at a time', async () => {
    await pool.query('create database fresh');
    const connection = { ...postgres.connection, database: 'fresh' };
    const outcomes = await Promise.all(Array.from({ length: 4 }, () => migrateDatabase(connection)));
    const [{ after } = { after: 0 }] = outcomes;
    expect(after).toBeGreaterThan(0);
    expect(outcomes.map((outcome) => outcome.after)).toEqual([after, after, after, after]);
    expect(outcomes.filter(({ before }) => before === 0)).toHaveLength(1);
    expect(await migrateDatabase(connection)).toEqual({ before: after, after });
  });

  it('report a database that cannot be reached', async () => {
    await expect(migrateDatabase({ ...postgres.connection, password: 'wrong' })).rejects.toThrow(/password/);
  });
});

describe("Neon's protocol", () => {
  it('gives values as their types, NULL, and what would be escaped', async () => {
    const text = `it's "quoted" \\ 日本`;
    const rows = await sql`select ${42}::int as n, ${text}::text as t, null::text as nothing,
      ${true}::bool as yes, ${['a', 'b,c']}::text[] as list, ${JSON.stringify({ a: [1] })}::jsonb as doc`;
    expect(rows).toEqual([{ n: 42, t: text, nothing: null, yes: true, list: ['a', 'b,c'], doc: { a: [1] } }]);
  });

  it('runs a transaction whole or not at all', async () => {
    await sql`create table numbers (n int primary key)`;
    await sql.transaction([sql`insert into numbers values (1)`, sql`insert into numbers values (2)`]);
    const failing = sql.transaction([
      sql`insert into numbers values (3)`,
      sql`insert into numbers values (1)`,
    ]);
    await expect(failing).rejects.toMatchObject({ code: '23505', constraint: 'numbers_pkey' });
    expect(await sql`select n from numbers order by n`).toEqual([{ n: 1 }, { n: 2 }]);
    const readOnly = sql.transaction([sql`insert into numbers values (4)`], { readOnly: true });
    await expect(readOnly).rejects.toMatchObject({ code: '25006' });
  });

  it('tells a mistake as the database tells it', async () => {
    const failure: unknown = await sql`select * from nowhere`.catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(NeonDbError);
    expect(failure).toMatchObject({ code: '42P01' });
  });

  it('serves nobody without the credential, and no other target', async () => {
    const stranger = neon('postgresql://alex:guess@database.alex.invalid/alex');
    await expect(stranger`select 1`).rejects.toThrow(/401/);
    const elsewhere = neon('postgresql://alex:secret@elsewhere.invalid/alex');
    await expect(elsewhere`select 1`).rejects.toThrow(/401/);
  });

  it.each([
    ['not JSON', '{'],
    ['no query', '{}'],
    ['an empty batch', '{"queries":[]}'],
  ])('refuses %s', async (_what, body) => {
    const { fetchEndpoint } = neonConfig;
    const headers = { 'neon-connection-string': CREDENTIAL };
    const answer = await fetch(String(fetchEndpoint), { method: 'POST', body, headers });
    expect(answer.status).toBe(400);
  });

  it('refuses a body beyond its bound', async () => {
    const headers = { 'neon-connection-string': CREDENTIAL };
    const body = JSON.stringify({ query: 'select $1', params: ['x'.repeat(5 * 1024 * 1024)] });
    const answer = await fetch(String(neonConfig.fetchEndpoint), { method: 'POST', body, headers });
    expect(answer.status).toBe(413);
  });

  it('says so while the database is away, and goes on when it is back with what was committed', async () => {
    await sql`create table kept (n int)`;
    await sql`insert into kept values (7)`;
    process.kill(postgres.pid, 'SIGKILL');
    await postgres.ended;
    const outcome = (): Promise<string> => sql`select 1`.then(() => 'an answer', String);
    await expect.poll(outcome, { timeout: 10_000 }).toMatch(/503/);
    postgres = await startPostgres(data);
    expect(await sql`select n from kept`).toEqual([{ n: 7 }]);
  });
});

describe('the audit log in the directory', () => {
  it('comes back byte by byte, however often a row was told', async () => {
    const config = { DATABASE_URL: CREDENTIAL };
    const [directory, history] = [openDirectory(config), openAuditHistory(config)];
    const entry: AuditEntry = {
      ...{
        action: 'session.share',
        outcome: 'allowed',
        workspaceId: 'w',
        reason: null,
        requestId: 'é\u{1F600}"\\',
      },
      actor: { userId: null, credential: { kind: 'device', id: 'd' } },
      target: { kind: 'session', id: 's' },
      detail: { n: 1e21, tiny: 1e-7, yes: true, text: '\u00e9' },
      ...{ address: '192.0.2.1', atMs: 1_790_000_000_123, id: 'entry-0000000000' },
    };
    let head: AuditHead = EMPTY_HEAD;
    const rows = Array.from({ length: 5 }, (_, n) => {
      const row = rowAfter(head, { ...entry, id: `${entry.id}${n}` });
      head = row;
      return row;
    });
    const told = rows.map((row) => ({ kind: auditKind.name, row }));
    await directory?.tell(told.slice(0, 3));
    await directory?.tell(told);
    const after = (await history?.after('w', 1, 3)) ?? [];
    expect(after.map(canonicalJson)).toEqual(rows.slice(1, 4).map(canonicalJson));
    expect(after.map((row) => row.hash)).toEqual(after.map(hashOf));
    expect((await history?.before('w', 4, 2))?.map(({ seq }) => seq)).toEqual([3, 2]);
    expect(await history?.after('another', 0, 10)).toEqual([]);
  });
});
