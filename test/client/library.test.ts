import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Api, connect, fileStorage, type Session, SessionError } from '../../client/node.ts';
import { SharedState } from '../../protocol/sync/shared-state.ts';
import { Stack } from '../support/stack.ts';

/** The client library as a program uses it, against the running system. */
/** A killed workerd is back within this. */
const PATIENCE = { timeout: 30_000, interval: 100 };
let stack: Stack;
let session: Session;

beforeAll(async () => {
  stack = await Stack.start();
  session = await connect({ url: stack.url, token: stack.token, name: 'library' });
});
afterAll(async () => {
  session.close();
  await stack.stop();
});

describe('a program', () => {
  it('runs a command: what it printed, and how it ended', async () => {
    const { output, exitCode } = await session.run(['sh', '-c', 'echo one; echo two; exit 3']);
    expect({ output, exitCode }).toEqual({ output: 'one\r\ntwo\r\n', exitCode: 3 });
  });

  it('reads output as it comes, types, and waits for the end', async () => {
    const terminal = await session.open({ command: ['cat'] });
    terminal.write('hello\n\x04');
    let text = '';
    for await (const bytes of terminal.output) text += new TextDecoder().decode(bytes);
    expect(text).toBe('hello\r\nhello\r\n');
    expect(await terminal.exited).toMatchObject({ exitCode: 0, reason: 'exited' });
    expect(terminal.write('more')).toBe(false);
  });

  it('that reads slowly loses nothing: the other side waits', async () => {
    const bytes = 4_000_000;
    const command = ['sh', '-c', `stty raw; yes 0123456 | head -c ${bytes}`];
    const terminal = await session.open({ command });
    const seen: number[] = [];
    for await (const chunk of terminal.output) {
      seen.push(chunk.length);
      if (seen.length % 10 === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    }
    expect(seen.reduce((sum, length) => sum + length, 0)).toBe(bytes);
  });

  it('follows what everybody has in common, with the events that change it', async () => {
    const seen: string[] = [];
    const stop = session.on('changed', (_state, events) =>
      seen.push(...events.map(({ subject }) => subject)),
    );
    const terminal = await session.open({ command: ['sleep', '60'], title: 'nap' });
    const named = (): unknown => session.state?.terminals[terminal.channel];
    await expect.poll(named).toMatchObject({ title: 'nap', state: 'running' });
    terminal.close();
    expect(await terminal.exited).toMatchObject({ reason: 'closed' });
    await expect.poll(named).toMatchObject({ state: 'exited' });
    expect(seen.filter((subject) => subject.startsWith('terminal.'))).toEqual([
      ...['terminal.created', 'terminal.opened', 'terminal.exited'],
    ]);
    stop();
  });

  it('survives the loss of its connection in the middle of everything', async () => {
    const terminal = await session.open({ command: ['cat'] });
    const connections: string[] = [];
    session.on('connection', ({ kind }) => connections.push(kind));
    terminal.write('before\n');
    session.client.drop();
    terminal.write('after\n\x04');
    // The echo of the keys, and cat's own lines, in whatever order the two came.
    const lines = (await terminal.text()).split('\r\n').toSorted();
    expect(lines).toEqual(['', 'after', 'after', 'before', 'before']);
    expect(connections).toContain('connected');
  });
});

describe('the shared state', () => {
  it("is the edge's own after workerd was killed in the middle of changes", async () => {
    const api = new Api(stack.url, stack.token);
    const versions: number[] = [];
    const stop = session.on('changed', (_state, events) => {
      versions.push(...events.map(({ version }) => version));
    });
    for (const name of ['first', 'second']) await api.renameSession(session.id, name);
    await stack.killAndWaitForNext('workerd');
    // Whatever could not be answered just now is asked again; only what was answered counts.
    await expect
      .poll(
        () =>
          api.renameSession(session.id, 'third').then(
            () => true,
            () => false,
          ),
        PATIENCE,
      )
      .toBe(true);
    await expect.poll(() => session.state?.session.name, PATIENCE).toBe('third');
    session.client.check();
    const truth = async (): Promise<boolean> => {
      const { version, state } = await api.getState(session.id);
      return (
        session.client.version === version &&
        session.state?.session.name === SharedState.parse(state).session.name
      );
    };
    await expect.poll(truth, PATIENCE).toBe(true);
    // Each once and in order, across the kill.
    expect(versions).toEqual(versions.map((_version, at) => (versions[0] ?? 0) + at));
    stop();
  });
});

describe('what can go wrong', () => {
  it('has a code and a word of advice', async () => {
    await expect(
      connect({ url: stack.url, token: stack.token, session: 'A'.repeat(22) }),
    ).rejects.toMatchObject({ name: 'SessionError', code: 'ended' });
    await expect(connect({ url: stack.url, token: 'nonsense' })).rejects.toMatchObject({
      ...{ name: 'ApiError', status: 401 },
    });
    const nobody = connect({ url: 'http://127.0.0.1:9', token: 'x', session: session.id, timeoutMs: 300 });
    await expect(nobody).rejects.toMatchObject({ code: 'timeout' });
  });

  it('can be called off', async () => {
    await expect(session.run(['sleep', '60'], { timeoutMs: 300 })).rejects.toBeInstanceOf(SessionError);
    const called = new AbortController();
    const running = session.run(['sleep', '60'], { signal: called.signal });
    called.abort(new Error('enough'));
    await expect(running).rejects.toThrow('enough');
    const asleep = (): number =>
      Object.values(session.state?.terminals ?? {}).filter(({ state }) => state !== 'exited').length;
    await expect.poll(asleep).toBe(0);
  });

  it('ends what waits when the session is left', async () => {
    const other = await connect({ url: stack.url, token: stack.token, session: session.id });
    const terminal = await other.open({ command: ['cat'] });
    const reading = terminal.text();
    other.close();
    await expect(terminal.exited).rejects.toMatchObject({ code: 'ended' });
    await expect(reading).rejects.toMatchObject({ code: 'ended' });
  });
});

it('the next life of a program is the same client, and types what the last one could not', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'alex-client-'));
  const options = { url: stack.url, token: stack.token, session: session.id };
  const first = await connect({ ...options, storage: fileStorage(folder) });
  const { clientId } = first.client;
  first.close();
  const second = await connect({ ...options, storage: fileStorage(folder) });
  expect(second.client.clientId).toBe(clientId);
  const { channel } = await second.open({ command: ['cat'] });
  // Typed while the connection is away, in a program that then dies.
  second.client.drop();
  second.attach(channel).write('kept\n\x04');
  second.close();
  const third = await connect({ ...options, storage: fileStorage(folder) });
  const terminal = third.attach(channel);
  expect((await terminal.text()).match(/kept/g)).toHaveLength(2);
  expect(await terminal.exited).toMatchObject({ exitCode: 0 });
  third.close();
  rmSync(folder, { recursive: true });
});
