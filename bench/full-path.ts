import { Api, SessionClient, type TerminalSink, type TerminalStream } from '../client/index.ts';
import { openNodeSocket } from '../client/node-socket.ts';
import { within } from '../test/support/deadline.ts';
import type { BenchTerminal, Contestant } from './terminal.ts';

const TIMEOUT_MS = 15_000;

/** A terminal of a session. */
export interface FullTerminal extends BenchTerminal {
  channel: number;
  /** Everything before it has come, as bytes or as a screen in their place. */
  readonly offset: number;
}

/** A session of the running stack. */
export interface FullPath extends Contestant<FullTerminal> {
  sessionId: string;
  /** As `open`, for one viewer of many: it may be given a screen in place of bytes, which otherwise ends the run. */
  openAmongMany(command: readonly string[]): Promise<FullTerminal>;
}

/** A session of the running stack, reached as the browser and the CLI reach it. */
export async function openFullPath(url: string, token: string): Promise<FullPath> {
  const api = new Api(url, token);
  const session = await api.createSession({ name: 'bench' });
  const client = await connectSession(api, session.id);
  return {
    name: 'full path',
    sessionId: session.id,
    open: (command) => openTerminal(client, [...command], false),
    openAmongMany: (command) => openTerminal(client, [...command], true),
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

async function openTerminal(
  client: SessionClient,
  command: string[],
  screensAllowed: boolean,
): Promise<FullTerminal> {
  let receive: ((bytes: Uint8Array) => void | Promise<void>) | null = null;
  const exited = Promise.withResolvers<undefined>();
  const early: Uint8Array[] = [];
  const sink: TerminalSink = {
    output(bytes, consumed) {
      if (receive === null) early.push(bytes);
      const done = receive?.(bytes);
      if (done instanceof Promise) void done.then(consumed);
      else consumed();
    },
    screen(_screen, consumed) {
      if (!screensAllowed) throw new Error('A screen in place of bytes: this run measures nothing.');
      consumed();
    },
    exited: () => exited.resolve(undefined),
  };
  const opened = client.open({ size: { cols: 80, rows: 24 }, command }, sink);
  const stream: TerminalStream = await within(opened, TIMEOUT_MS, 'a terminal');
  return {
    channel: stream.channel,
    get offset() {
      return stream.offset;
    },
    write: (data) => void stream.write(data),
    listen(listener) {
      receive = listener;
      for (const bytes of early.splice(0)) void listener(bytes);
    },
    async close() {
      client.closeTerminal(stream.channel);
      await within(exited.promise, TIMEOUT_MS, 'the end of a terminal');
      client.detach(stream.channel);
    },
  };
}
