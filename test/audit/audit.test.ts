import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { Random } from '../chaos/random.ts';
import { DeletionWorld } from '../deletion/world.ts';
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
