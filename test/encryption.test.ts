import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { z } from 'zod';
import { kekFileOf } from '../scripts/kek.ts';
import { api, createSession, listSessions } from './support/api.ts';
import { until } from './support/deadline.ts';
import { PtyClient } from './support/pty-client.ts';
import { formsOf, scan, textForms } from './support/raw-scan.ts';
import { Stack } from './support/stack.ts';

/** What people say and see in a session is in no byte of any store, in none of the usual forms; searched for raw. */
const TOLD_TIMEOUT_MS = 20_000;
/** The beginning of everything that must not be found. Its forms are what is searched for. */
const MARK = `Mark${randomBytes(9).toString('hex')}`;
/** Whoever can read keys can read what they seal. What programs write into workspaces is theirs and not sealed. */
const SKIP = ['keys', 'workspaces'];
const ROOT = join(import.meta.dirname, '..');
let stack: Stack;

beforeAll(async () => {
  stack = await Stack.start();
});
afterAll(() => stack.stop());

const find = (needles: ReturnType<typeof textForms>) => scan(stack.dataDirectory, needles, SKIP);
const foldersOf = (files: string[]): Set<string> => new Set(files.map((file) => file.split('/')[0] ?? ''));

const KekFile = z.object({ keys: z.array(z.object({ key: z.string() })).min(1) });
const KeyRow = z.object({ wrapped: z.instanceof(Uint8Array), kekId: z.string() });

/** The wrapped data key of a session. */
const wrappedKeyOf = (sessionId: string): Buffer => Buffer.from(keyRowOf(sessionId).wrapped);

/** The one data key of a session, out of its actor's SQLite file. */
function keyRowOf(sessionId: string): z.infer<typeof KeyRow> {
  for (const file of find([{ form: 'id', bytes: Buffer.from(sessionId) }]).found.map(
    (finding) => finding.file,
  )) {
    if (!/SessionDO\/[^/]+\.sqlite(-wal)?$/.test(file)) continue;
    const database = new DatabaseSync(join(stack.dataDirectory, file.replace(/-wal$/, '')), {
      readOnly: true,
    });
    try {
      if (database.prepare('SELECT id FROM session').get()?.['id'] !== sessionId) continue;
      return KeyRow.parse(database.prepare('SELECT wrapped, kekId FROM vault_keys').get());
    } finally {
      database.close();
    }
  }
  throw new Error('The session has no SQLite file.');
}

it('finds whatever is there, in every form', () => {
  const folder = join(stack.dataDirectory, 'scanned');
  const text = `${MARK} is here`;
  mkdirSync(folder);
  writeFileSync(join(folder, 'UTF-16LE'), text, 'utf16le');
  writeFileSync(join(folder, 'UTF-16BE'), Buffer.from(text, 'utf16le').swap16());
  writeFileSync(join(folder, 'hex'), Buffer.from(text).toString('hex'));
  for (const shift of [0, 1, 2])
    writeFileSync(
      join(folder, `base64 (${shift})`),
      Buffer.from(`${'x'.repeat(shift)}${text}`).toString('base64'),
    );
  writeFileSync(join(folder, 'bytes'), text);
  const { found } = scan(folder, textForms(MARK));
  for (const file of ['bytes', 'UTF-16LE', 'UTF-16BE', 'hex', 'base64 (0)', 'base64 (1)', 'base64 (2)'])
    expect(found).toContainEqual(expect.objectContaining({ file, form: file }));
  for (const file of new Set(found.map((finding) => finding.file))) writeFileSync(join(folder, file), '');
});

it('finds nothing of a session in any store, running or stopped, nor its keys once it is deleted', async () => {
  const key = { 'idempotency-key': `key-${randomBytes(6).toString('hex')}` };
  const made = await api(stack, 'POST', '/api/v1/sessions', { name: `${MARK}-name` }, key);
  const { id } = z.object({ id: z.string() }).parse(made.body);
  const viewer = await PtyClient.connect(stack, id);
  const opened = await api(stack, 'POST', `/api/v1/sessions/${id}/terminals`, {
    title: `${MARK}-title`,
    command: ['sh', '-c', `echo ${MARK}-output; exec cat`, `${MARK}-command`],
  });
  const terminal = viewer.attach(z.object({ channel: z.number() }).parse(opened.body).channel);
  await terminal.screen.waitFor(`${MARK}-output`);
  terminal.type(`${MARK}-typed\r`);
  await terminal.screen.waitFor(`${MARK}-typed`);
  await api(stack, 'PATCH', `/api/v1/sessions/${id}`, { name: `${MARK}-renamed` });
  await createSession(stack, `${MARK}-other`);
  // The directory was told of it, so that everything is where it will ever be.
  await until(
    () =>
      find([{ form: 'id', bytes: Buffer.from(id) }]).found.find(({ file }) => file.startsWith('postgres/')) ??
      null,
    TOLD_TIMEOUT_MS,
    'the session in Postgres',
  );

  const running = find(textForms(MARK));
  expect(running.found).toEqual([]);
  for (const store of ['edge', 'postgres', 'logs']) expect(foldersOf(running.files)).toContain(store);

  const wrapped = wrappedKeyOf(id);
  expect(find(formsOf(wrapped)).found).not.toEqual([]);
  viewer.close();
  expect((await api(stack, 'DELETE', `/api/v1/sessions/${id}`)).status).toBe(204);
  const keyIsGone = (): boolean => find(formsOf(wrapped)).found.length === 0;
  await until(() => keyIsGone() || null, TOLD_TIMEOUT_MS, 'the end of its key');

  await stack.stopKeeping();
  expect(find(textForms(MARK)).found).toEqual([]);
  expect(find(formsOf(wrapped)).found).toEqual([]);
  // What seals is in no store either.
  const { keys } = KekFile.parse(JSON.parse(readFileSync(kekFileOf(stack.dataDirectory), 'utf8')));
  for (const { key: kek } of keys) {
    expect(find(formsOf(Buffer.from(kek, 'base64url'))).found).toEqual([]);
    expect(find(textForms(kek)).found).toEqual([]);
  }
});

it('takes another key-encryption key at a restart, and loses nothing', async () => {
  const command = ['scripts/kek-command.ts', 'rotate', '--data', stack.dataDirectory];
  const rotated = spawnSync(process.execPath, command, { cwd: ROOT, encoding: 'utf8' });
  const [current, before] = rotated.stdout.trim().split('\n');
  expect(current).toMatch(/^kek-\S+ \(current\)$/);
  await stack.restart();
  const [session] = await listSessions(stack);
  expect(session?.name).toBe(`${MARK}-other`);
  expect((await api(stack, 'GET', `/api/v1/sessions/${session?.id}`)).body).toMatchObject({
    name: `${MARK}-other`,
  });
  // Its data key is wrapped by the new one now, and nothing of it by the old one.
  const { kekId } = keyRowOf(session?.id ?? '');
  expect(`${kekId} (current)`).toBe(current);
  expect(kekId).not.toBe(before);
});
