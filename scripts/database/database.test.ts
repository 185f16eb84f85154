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

describe('what actors tell the directory', () => {
  const at = (minute: number): string => new Date(Date.UTC(2026, 0, 1, 0, minute)).toISOString();
  const directory = openDirectory({ DATABASE_URL: CREDENTIAL });
  /** Words in one batch each, in this order, each told twice. */
  const tell = async (kind: string, ...rows: unknown[]): Promise<void> => {
    for (const row of rows) {
      await directory?.tell([{ kind, row }]);
      await directory?.tell([{ kind, row }]);
    }
  };
  const iso = (value: unknown): string | null => (value instanceof Date ? value.toISOString() : null);
  const count = async (table: string, column: string, value: string): Promise<number> =>
    (await pool.query(`select 1 from ${table} where ${column} = $1`, [value])).rows.length;

  it('of an API key: the latest use, and what was revoked stays so, in whatever order it comes', async () => {
    const key = {
      ...{
        id: 'key',
        userId: 'kim',
        workspaceId: 'kim',
        name: 'ci',
        scopes: ['sessions:read', 'audit:read'],
      },
      ...{ createdAt: at(0), expiresAt: at(60), lastUsedAt: null, revokedAt: null },
    };
    const used = { ...key, lastUsedAt: at(7) };
    const revoked = { ...used, lastUsedAt: at(5), revokedAt: at(9) };
    await tell('api-key', key, used, { ...key, lastUsedAt: at(3) }, revoked, key, used);
    const { rows } = await pool.query('select * from api_keys where id = $1', ['key']);
    expect(rows).toHaveLength(1);
    expect(rows[0]).toMatchObject({ user_id: 'kim', workspace_id: 'kim', name: 'ci', scopes: key.scopes });
    const { created_at: created, expires_at: expires, last_used_at: lastUsed, revoked_at: ended } = rows[0];
    expect([created, expires, lastUsed, ended].map(iso)).toEqual([at(0), at(60), at(7), at(9)]);
  });

  it('of a device: the latest use, and how it ended', async () => {
    const device = {
      ...{ id: 'device', userId: 'kim', label: 'Firefox', createdAt: at(0), lastUsedAt: at(0) },
      ...{ expiresAt: at(90), revokedAt: null, revokedWhy: null },
    };
    const later = { ...device, lastUsedAt: at(8), expiresAt: at(98) };
    const ended = { ...later, revokedAt: at(9), revokedWhy: 'reuse' };
    await tell('refresh-family', device, later, device, ended, later, { ...later, lastUsedAt: at(20) });
    const { rows } = await pool.query('select * from refresh_families where id = $1', ['device']);
    const { last_used_at: lastUsed, expires_at: expires, revoked_at: revoked, revoked_why: why } = rows[0];
    expect([...[lastUsed, expires, revoked].map(iso), why]).toEqual([at(8), at(98), at(9), 'reuse']);
  });

  it('of an identity: its latest address; the same subject at another issuer is another', async () => {
    const identity = {
      ...{ issuer: 'https://a.test', subject: 's', userId: 'kim', email: 'old@a.test' },
      ...{ createdAt: at(0), lastUsedAt: at(0) },
    };
    const later = { ...identity, email: 'new@a.test', lastUsedAt: at(5) };
    await tell('identity', identity, later, identity, {
      ...identity,
      issuer: 'https://b.test',
      userId: 'lee',
    });
    const { rows } = await pool.query('select issuer, user_id, email from identities order by issuer');
    expect(rows).toEqual([
      { issuer: 'https://a.test', user_id: 'kim', email: 'new@a.test' },
      { issuer: 'https://b.test', user_id: 'lee', email: 'old@a.test' },
    ]);
  });

  it('of an invitation: how often it was used, and that it was revoked', async () => {
    const invitation = {
      ...{ id: 'invitation', workspaceId: 'team', email: null, role: 'member', createdBy: 'kim' },
      ...{ createdAt: at(0), expiresAt: at(60), uses: 0, maxUses: 5, revokedAt: null },
    };
    const used = { ...invitation, uses: 2 };
    await tell('invitation', invitation, used, { ...used, revokedAt: at(4) }, invitation);
    const { rows } = await pool.query('select uses, max_uses, role, revoked_at from invitations');
    expect(rows).toMatchObject([{ uses: 2, max_uses: 5, role: 'member', revoked_at: new Date(at(4)) }]);
  });

  it('of the end of an account: nothing of the person is left, and what they made for others is nobody’s', async () => {
    await tell('user-gone', { id: 'kim' });
    for (const table of ['api_keys', 'refresh_families', 'identities'])
      expect(await count(table, 'user_id', 'kim')).toBe(0);
    expect(await count('identities', 'user_id', 'lee')).toBe(1);
    expect(await count('invitations', 'created_by', 'deleted')).toBe(1);
    await tell('workspace-gone', { id: 'team' });
    expect(await count('invitations', 'workspace_id', 'team')).toBe(0);
  });

  it('is taken whole or not at all, and never by its mere look', async () => {
    const device = {
      ...{ id: 'torn', userId: 'lee', label: 'x', createdAt: at(0), lastUsedAt: at(0) },
      ...{ expiresAt: at(90), revokedAt: null, revokedWhy: null },
    };
    const torn = directory?.tell([
      { kind: 'refresh-family', row: device },
      { kind: 'api-key', row: { ...device, name: 'not a key' } },
    ]);
    await expect(torn).rejects.toThrow();
    expect(await count('refresh_families', 'id', 'torn')).toBe(0);
    expect(directory?.reads({ kind: 'moon', row: {} })).toBe(false);
    expect(directory?.reads({ kind: 'refresh-family', row: device })).toBe(true);
  });
});
