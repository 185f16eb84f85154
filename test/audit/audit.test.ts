import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { AuditPage } from '../../protocol/audit/query.ts';
import type { AuditRow } from '../../protocol/audit/row.ts';
import { Random } from '../chaos/random.ts';
import { DeletionWorld } from '../deletion/world.ts';
import { api } from '../support/api.ts';
import { CliMachine } from '../support/cli.ts';
import { AuditWorld } from './world.ts';

/** Chaos for the audit log, and `alex audit` on what came of it. `npm run chaos:audit` plays more. */
const ROUNDS = 1;
let world: AuditWorld;
let machine: CliMachine;

beforeAll(async () => {
  world = await AuditWorld.start(crypto.getRandomValues(new Uint32Array(1))[0] ?? 0);
  machine = new CliMachine();
});
afterAll(async () => {
  machine.dispose();
  await world.stack.stop();
});

it('has every acknowledged act exactly once, whatever is killed, and Postgres has the same', async () => {
  for (let round = 0; round < ROUNDS; round += 1) await world.round();
  const { acknowledged, rows } = await world.check();
  expect(acknowledged).toBeGreaterThan(0);
  expect(rows).toBeGreaterThanOrEqual(acknowledged);
});

it('is listed, exported and verified by alex, also without the edge', async () => {
  const env = { ALEX_URL: world.stack.url, ALEX_TOKEN: world.stack.token };
  const listed = await machine.run(['audit', '--action', 'session.create', '--limit', '2', '--json'], {
    env,
  });
  expect(
    listed.stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line).action),
  ).toEqual(['session.create', 'session.create']);
  const exported = await machine.run(['audit', 'export'], { env });
  expect(exported).toMatchObject({ code: 0, stderr: '' });
  const [file, keys] = [join(machine.home, 'audit.jsonl'), join(machine.home, 'keys.json')];
  writeFileSync(file, exported.stdout);
  expect(await machine.run(['audit', 'verify', file], { env })).toMatchObject({ code: 0 });
  writeFileSync(keys, await (await fetch(`${world.stack.url}/.well-known/audit-keys.json`)).text());
  const offline = await machine.run(['audit', 'verify', file, '--jwks', keys]);
  expect(offline).toMatchObject({
    code: 0,
    stdout: expect.stringMatching(/^Whole: rows 1 to \d+ of the log of local/),
  });
  expect(await machine.run(['audit', 'verify', file])).toMatchObject({ code: 5 });
  const text = readFileSync(file, 'utf8');
  writeFileSync(file, text.replace('"seq":2,', '"seq":3,'));
  const broken = await machine.run(['audit', 'verify', '--jwks', keys, '--json', file]);
  expect(broken.code).toBe(1);
  expect(JSON.parse(broken.stdout)).toMatchObject({ ok: false, line: 3, seq: 2 });
  expect(broken.stderr).toContain('line 3, row 2: Row 2 is missing');
  const csv = await machine.run(['audit', 'export', '--format', 'csv', '--since', '1'], { env });
  expect(csv.stdout.split('\r\n')[1]).toMatch(/^entry,2,/);
});

it('is all that is left of an account that is deleted while workerd is killed', async () => {
  const random = new Random(crypto.getRandomValues(new Uint32Array(1))[0] ?? 0, 'deletions');
  const { kills } = await new DeletionWorld(world.stack, random).round(2);
  expect(kills).toBeGreaterThan(0);
});

describe('rows that have left the actor', () => {
  const env = () => ({ ALEX_URL: world.stack.url, ALEX_TOKEN: world.stack.token });
  let all: AuditRow[];
  /** The first row that the actor still has. */
  let boundary: number;

  beforeAll(async () => {
    await world.check();
    await world.stack.stopKeeping();
    boundary = forgetOldRows(world.stack.dataDirectory, 'local', (newest) => Math.floor(newest / 2));
    await world.stack.restart();
    all = await world.exported();
  });

  const page = async (query: string) =>
    AuditPage.parse((await api(world.stack, 'GET', `/api/v1/audit?${query}`)).body);

  it('are found by the same queries, page by page across the boundary', async () => {
    expect(boundary).toBeGreaterThan(4);
    const other = all.find(({ seq, target }) => seq < boundary && target.kind === 'session')?.target.id;
    const [first, last] = [all[2]?.at ?? '', all.at(-3)?.at ?? ''];
    const queries: [string, (row: AuditRow) => boolean][] = [
      ['limit=3', () => true],
      ['limit=7&action=session.', ({ action }) => action.startsWith('session.')],
      [`limit=2&target=${other}`, ({ target }) => target.id === other],
      ['limit=5&outcome=intended', ({ outcome }) => outcome === 'intended'],
      [`limit=50&from=${first}&to=${last}`, ({ at }) => at >= first && at < last],
    ];
    for (const [query, matches] of queries) {
      const wanted = all.filter(matches).map(({ hash }) => hash);
      const found: string[] = [];
      let next = await page(query);
      for (; next.nextCursor !== null; next = await page(`${query}&cursor=${next.nextCursor}`))
        found.unshift(...next.rows.map(({ hash }) => hash).toReversed());
      found.unshift(...next.rows.map(({ hash }) => hash).toReversed());
      // Reading is in the log as well, and comes after what was there.
      expect(found.filter((hash) => all.some((row) => row.hash === hash))).toEqual(wanted);
    }
  });

  it('are exported and verified with the others, from wherever one begins', async () => {
    const keys = join(machine.home, 'keys.json');
    for (const since of [0, boundary - 3, boundary - 1, boundary]) {
      const exported = await machine.run(['audit', 'export', '--since', String(since)], { env: env() });
      expect(exported).toMatchObject({ code: 0, stderr: '' });
      const file = join(machine.home, 'whole.jsonl');
      writeFileSync(file, exported.stdout);
      expect(await machine.run(['audit', 'verify', file, '--jwks', keys])).toMatchObject({
        code: 0,
        stdout: expect.stringMatching(new RegExp(`^Whole: rows ${since + 1} to \\d+ of the log of local`)),
      });
    }
  });

  it('are asked for in vain while Postgres is away: that is said, and nothing is told as if it were all', async () => {
    await world.stack.kill('database');
    const [export_, old, recent] = await Promise.all([
      api(world.stack, 'GET', '/api/v1/audit/export'),
      api(world.stack, 'GET', `/api/v1/audit?cursor=${boundary + 1}`),
      api(world.stack, 'GET', '/api/v1/audit?limit=2'),
    ]);
    for (const { status, body } of [export_, old])
      expect({ status, body }).toMatchObject({
        status: 503,
        body: { code: 'unavailable', detail: expect.stringContaining(`Rows before ${boundary}`) },
      });
    expect(AuditPage.parse(recent.body).rows).toHaveLength(2);
    const again = () => machine.run(['audit', 'export'], { env: env() });
    await expect.poll(async () => (await again()).code, { timeout: 30_000 }).toBe(0);
  });
});

/** Takes rows out of a stopped actor, as it does itself once they are old and Postgres has them. Out: the first one left. */
function forgetOldRows(dataDirectory: string, workspaceId: string, last: (newest: number) => number): number {
  const folder = join(dataDirectory, 'edge');
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' });
  const Newest = z.object({ seq: z.number().nullable() });
  for (const file of files.filter((name) => /WorkspaceDO\/[^/]+\.sqlite$/.test(name))) {
    const database = new DatabaseSync(join(folder, file));
    try {
      const told = `SELECT max(seq) AS seq FROM audit WHERE text LIKE '%"workspaceId":"${workspaceId}"%'`;
      const { seq } = Newest.parse(database.prepare(told).get());
      if (seq === null) continue;
      database.prepare('DELETE FROM audit WHERE seq <= ?').run(last(seq));
      return last(seq) + 1;
    } finally {
      database.close();
    }
  }
  throw new Error(`The log of ${workspaceId} is nowhere.`);
}
