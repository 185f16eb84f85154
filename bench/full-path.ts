import { Api, SessionClient, type TerminalSink, type TerminalStream } from '../client/index.ts';
import { openNodeSocket } from '../client/node-socket.ts';
import { within } from '../test/support/deadline.ts';
import type { BenchTerminal, Contestant } from './terminal.ts';

const TIMEOUT_MS = 15_000;

/** A session of the running stack, reached as the browser and the CLI reach it. */
export async function openFullPath(url: string, token: string): Promise<Contestant> {
  const api = new Api(url, token);
  const session = await api.createSession({ name: 'bench' });
  const client = await connectSession(api, session.id);
  return {
    name: 'full path',
    open: (command) => openTerminal(client, [...command]),
    async close() {
      client.close();
      await api.deleteSession(session.id);
    },
  };
}

/** A client that is connected and welcomed. */
export async function connectSession(api: Api, sessionId: string): Promise<SessionClient> {
  const connected = Promise.withResolvers<undefined>();
  const client = new SessionClient(
    { api, sessionId, openSocket: openNodeSocket },
    {
      state: (state) => {
        if (state.kind === 'connected') connected.resolve(undefined);
        if (state.kind === 'ended') connected.reject(new Error(state.reason));
      },
    },
  );
  client.connectNow();
  await within(connected.promise, TIMEOUT_MS, 'a welcome');
  return client;
}

async function openTerminal(client: SessionClient, command: string[]): Promise<BenchTerminal> {
  let receive: (bytes: Uint8Array) => void = () => undefined;
  const exited = Promise.withResolvers<undefined>();
  const early: Uint8Array[] = [];
  let listening = false;
  const sink: TerminalSink = {
    output(bytes, consumed) {
      if (listening) receive(bytes);
      else early.push(bytes);
      consumed();
    },
    screen: () => {
      throw new Error('A screen in place of bytes: this run measures nothing.');
    },
    exited: () => exited.resolve(undefined),
  };
  const opened = client.open({ size: { cols: 80, rows: 24 }, command }, sink);
  const stream: TerminalStream = await within(opened, TIMEOUT_MS, 'a terminal');
  return {
    write: (data) => void stream.write(data),
    listen(listener) {
      receive = listener;
      listening = true;
      for (const bytes of early.splice(0)) listener(bytes);
    },
    async close() {
      client.closeTerminal(stream.channel);
      await within(exited.promise, TIMEOUT_MS, 'the end of a terminal');
      client.detach(stream.channel);
    },
  };
}
