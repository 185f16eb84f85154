import { createHash } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { Api, SessionClient, type TerminalStream } from '../client/index.ts';
import { openNodeSocket } from '../client/node-socket.ts';
import { PRESENCE_EVERY_MS } from '../protocol/limits.ts';
import type { SessionToViewer } from '../protocol/messages/viewer.ts';
import { createSession } from './support/api.ts';
import { until } from './support/deadline.ts';
import { personOn, share } from './support/people.ts';
import { PtyClient } from './support/pty-client.ts';
import { Stack } from './support/stack.ts';

/** A typist and a crowd that watches one terminal, each on a real socket. */
const CROWD = 50;
const TIMEOUT_MS = 30_000;
/** Less than the edge keeps, so that nobody is brought up to date by a screen instead. */
const FLOOD_BYTES = 400_000;
let stack: Stack;

beforeAll(async () => {
  stack = await Stack.start();
});
afterAll(() => stack.stop());

/** One of the crowd: hashes every byte and counts what it was told of the others. */
class Watcher {
  readonly client: SessionClient;
  readonly told: SessionToViewer['type'][] = [];
  readonly #hash = createHash('sha256');
  bytes = 0;
  screens = 0;
  stream: TerminalStream | null = null;

  constructor(api: Api, sessionId: string) {
    const options = { api, sessionId, openSocket: openNodeSocket, role: 'viewer' as const };
    this.client = new SessionClient(options, { message: ({ type }) => this.told.push(type) });
    this.client.connectNow();
  }

  /** Attaches from the first byte. */
  attach(channel: number): void {
    this.stream = this.client.attach(
      channel,
      {
        output: (bytes, consumed) => {
          this.#hash.update(bytes);
          this.bytes += bytes.length;
          consumed();
        },
        screen: (_screen, consumed) => {
          this.screens += 1;
          consumed();
        },
      },
      0,
    );
  }

  get digest(): string {
    return this.#hash.copy().digest('hex');
  }
}

it('fifty watch one terminal: every byte reaches everybody, and nobody is told of all by all', async () => {
  const { id } = await createSession(stack, 'crowd');
  await share(stack, id, 'watcher', 'viewer');
  const who = await personOn(stack, 'watcher', 'Watcher');
  const typist = await PtyClient.connect(stack, id);
  const terminal = await typist.open({});
  await terminal.screen.waitFor(/\$ ?$/m);
  const startedMs = performance.now();
  const crowd = Array.from({ length: CROWD }, () => new Watcher(new Api(who.url, who.token), id));
  const seen = (): number[] => crowd.map(({ client }) => client.people.participants.length);
  const all = (what: () => boolean, name: string) => until(() => (what() ? true : null), TIMEOUT_MS, name);
  await all(() => seen().every((count) => count === CROWD + 1), 'everybody to see everybody');
  const stormMs = performance.now() - startedMs;
  for (const { told } of crowd) {
    expect(told.filter((type) => type === 'participants')).toHaveLength(0);
    expect(told.filter((type) => type === 'presence').length).toBeLessThanOrEqual(
      2 + stormMs / PRESENCE_EVERY_MS,
    );
  }

  for (const watcher of crowd) watcher.attach(terminal.channel);
  terminal.type(`yes 'all of us' | head -c ${FLOOD_BYTES}; echo the-$((1))-end\r`);
  await terminal.screen.waitFor(/the-1-end\n.*\$ ?$/m, TIMEOUT_MS);
  const length = terminal.offset;
  await all(() => crowd.every(({ bytes }) => bytes >= length), 'every byte everywhere');
  expect(new Set(crowd.map((watcher) => watcher.digest))).toEqual(new Set([terminal.sha256()]));
  expect(crowd.reduce((sum, { screens }) => sum + screens, 0)).toBe(0);

  // While half of them leave and come back, what is typed is echoed as ever, and nothing of theirs is typed.
  const leaving = crowd.slice(0, CROWD / 2);
  for (const { client } of leaving) client.drop();
  for (const { stream } of crowd) expect(stream?.write(new TextEncoder().encode('x'))).toBe(false);
  terminal.type('echo typed-$((2))\r');
  await terminal.screen.waitFor(/^typed-2$/m);
  await all(() => crowd.every(({ bytes }) => bytes === terminal.offset), 'the same again');
  await all(() => seen().every((count) => count === CROWD + 1), 'everybody back');
  for (const { client } of crowd) client.close();
  typist.close();
});
