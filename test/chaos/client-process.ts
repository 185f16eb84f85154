import { Api, inputStoreIn, SessionClient } from '../../client/index.ts';
import { fileStorage } from '../../client/file-storage.ts';
import { openNodeSocket } from '../../client/node-socket.ts';
import { Command, type Report } from './client-messages.ts';
import { ClientTerminal } from './client-terminal.ts';
import { programOf } from './world.ts';

/**
 * A process of clients: one in each session, all of one name. Everything that must outlive it is in its directory, so
 * that the next process with this name is the same clients again.
 */
const [name = '', url = '', token = '', directory = ''] = process.argv.slice(2);
const REPORT_EVERY_MS = 15;
const PENDING_EVERY_MS = 50;

interface Joined {
  client: SessionClient;
  terminals: Map<string, ClientTerminal>;
}
const storage = fileStorage(`${directory}/storage`);
const sessions = new Map<string, Joined>();
const changed = new Set<ClientTerminal>();
let reportTimer: NodeJS.Timeout | null = null;
let delayMs = 0;

// A Ctrl-C at the terminal is for the run, which ends after the round; a client that it killed would spoil that.
process.on('SIGINT', () => undefined);

function tell(report: Report): void {
  process.send?.(report);
}

function connect(session: string): SessionClient {
  const client: SessionClient = new SessionClient(
    {
      ...{ api: new Api(url, token), sessionId: session, openSocket: openNodeSocket },
      ...{ clientId: `chaos-${name}`, inputStore: inputStoreIn(storage, session) },
    },
    {
      state: (state) => {
        if (state.kind === 'ended' && sessions.get(session)?.client === client) {
          tell({ is: 'ended', session, reason: state.reason });
        }
      },
      message: (message) => {
        if (message.type !== 'welcome') return;
        tell({ is: 'welcome', session, stream: message.stream });
      },
    },
  );
  return client;
}

function joined(session: string): Joined {
  const found = sessions.get(session);
  if (found === undefined) throw new Error(`not in session ${session}`);
  return found;
}

function find(terminal: string): { at: Joined; terminal: ClientTerminal } | null {
  for (const at of sessions.values()) {
    const found = at.terminals.get(terminal);
    if (found !== undefined) return { at, terminal: found };
  }
  return null;
}

function make(spec: ConstructorParameters<typeof ClientTerminal>[0], typist: number | null): ClientTerminal {
  const terminal: ClientTerminal = new ClientTerminal(spec, typist, directory, {
    tell,
    changed: () => {
      changed.add(terminal);
      reportTimer ??= setTimeout(report, REPORT_EVERY_MS);
    },
    delayMs: () => delayMs,
  });
  joined(spec.session).terminals.set(spec.id, terminal);
  return terminal;
}

/** Acknowledgements come without an event. */
setInterval(() => {
  for (const { terminals } of sessions.values())
    for (const terminal of terminals.values()) terminal.lookAtPending();
}, PENDING_EVERY_MS);

function report(): void {
  reportTimer = null;
  for (const terminal of changed) tell({ is: 'status', ...terminal.status() });
  changed.clear();
}

/** What a new load of the page does: the same client id, everything attached anew, with a screen first. */
function reload(session: string, goodbye: boolean): void {
  const before = sessions.get(session);
  // A page that is still loading has nothing to load anew.
  if (before === undefined) return;
  if (goodbye) before.client.keepInput();
  const client = connect(session);
  sessions.set(session, { client, terminals: before.terminals });
  before.client.close();
  for (const terminal of before.terminals.values()) {
    if (terminal.channel !== null) terminal.attach(client, terminal.channel, null);
  }
  client.connectNow();
}

function open(command: Extract<Command, { do: 'open' }>): void {
  const terminal = make(command.spec, command.typist);
  const size = { cols: 80, rows: 24 };
  joined(command.spec.session)
    .client.open({ size, title: command.spec.id, command: programOf(command.spec) }, terminal.sink)
    .then(
      (stream) => {
        terminal.bind(stream);
        tell({ is: 'opened', terminal: command.spec.id, channel: stream.channel });
      },
      (error: unknown) => tell({ is: 'refused', what: command.spec.id, detail: String(error) }),
    );
}

function carryOut(command: Command): void {
  switch (command.do) {
    case 'join': {
      const client = connect(command.session);
      sessions.set(command.session, { client, terminals: new Map() });
      return client.connectNow();
    }
    case 'open':
      return open(command);
    case 'attach': {
      const terminal = make(command.spec, command.typist);
      terminal.steadyFrom = command.steadyFrom;
      return terminal.attach(joined(command.spec.session).client, command.channel, command.offset);
    }
    case 'type':
      return find(command.terminal)?.terminal.type(command.bytes);
    case 'resize':
      return find(command.terminal)?.terminal.resize(command, command.take);
    case 'steady': {
      const found = find(command.terminal);
      if (found !== null) found.terminal.steadyFrom = command.from;
      return;
    }
    case 'look': {
      const { id } = command;
      void find(command.terminal)
        ?.terminal.look()
        .then((look) => tell({ is: 'look', id, look }));
      return;
    }
    case 'leave': {
      const found = find(command.terminal);
      if (found === null) return;
      if (found.terminal.channel !== null) found.at.client.detach(found.terminal.channel);
      found.terminal.dispose();
      found.at.terminals.delete(command.terminal);
      return;
    }
    case 'reload':
      return reload(command.session, command.goodbye);
    case 'drop':
      return sessions.get(command.session)?.client.drop();
    case 'wake':
      for (const { client } of sessions.values()) client.connectNow();
      return;
    case 'delay':
      delayMs = command.ms;
      return;
    case 'ask':
      tell({ is: 'done', id: command.id });
  }
}

process.on('message', (message) => carryOut(Command.parse(message)));
process.on('disconnect', () => process.exit(0));
tell({ is: 'ready' });
