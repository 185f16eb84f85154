import { evictDurableObject, SELF } from 'cloudflare:test';
import { expect, it } from 'vitest';
import { connect, openSocketBy } from '../../client/index.ts';
import { ORIGIN } from '../testing/api.ts';
import { PlayedHost, PlayedSession } from '../testing/session.ts';

/** The client library inside a Worker, which reaches the edge by `fetch` as through a service binding. */
it('runs in a Worker: terminals, typed keys, shared state, and the loss of its connection', async () => {
  const host = await PlayedHost.join();
  const played = await PlayedSession.create();
  const serving = host.serve(played.id);
  const fetch = (url: string, init?: RequestInit): Promise<Response> => SELF.fetch(url, init);
  const session = await connect({
    ...{ url: ORIGIN, token: played.token, session: played.id },
    ...{ fetch, openSocket: openSocketBy(fetch), device: 'worker' },
  });
  await serving;
  const terminal = await session.open({ command: ['job'], title: 'job' });
  await host.opened(terminal.channel);
  expect(terminal.write('go\r')).toBe(true);
  const typed = await host.data.until(() => host.input[0], 'typed keys');
  expect(new TextDecoder().decode(typed.payload)).toBe('go\r');
  host.print(terminal.channel, 'one ');
  await evictDurableObject(played.actor);
  host.print(terminal.channel, 'two ');
  const again = new Promise<void>((resolve) => {
    session.on('connection', ({ kind }) => {
      if (kind === 'connected') resolve();
    });
  });
  session.client.drop();
  await again;
  host.print(terminal.channel, 'three');
  host.exit(terminal.channel, 0);
  expect(await terminal.text()).toBe('one two three');
  expect(await terminal.exited).toMatchObject({ exitCode: 0 });
  await expect
    .poll(() => session.state?.terminals[terminal.channel])
    .toMatchObject({ title: 'job', state: 'exited' });
  session.close();
});
