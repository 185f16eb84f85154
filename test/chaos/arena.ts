import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Api } from '../../client/index.ts';
import type { TerminalSize } from '../../protocol/messages/session.ts';
import { until } from '../support/deadline.ts';
import { freePort } from '../support/ports.ts';
import { Stack } from '../support/stack.ts';
import { ArenaTerminal, type Wrong } from './arena-terminal.ts';
import { ClientDriver } from './client-driver.ts';
import type { Report } from './client-messages.ts';
import { JumpingClock } from './clock.ts';
import { Proxy } from './proxy.ts';
import { Tally } from './tally.ts';
import type { TerminalSpec } from './world.ts';

const SESSIONS = 2;
/** Clients that type, and one that only watches, and slowly at times. */
const TYPISTS = ['typist-0', 'typist-1'];
const WATCHER = 'watcher';
const OPEN_TIMEOUT_MS = 90_000;

/** What is where: the stack as `npm start` runs it behind a bad network, sessions, terminals, and clients in processes. */
export class Arena {
  readonly seed: number;
  readonly stack: Stack;
  readonly proxy: Proxy;
  /** The wall clocks of the stack and of the clients; null where clocks cannot be made to jump. */
  readonly clock: JumpingClock | null;
  readonly clientClock: JumpingClock | null;
  readonly directory: string;
  readonly sessions: string[] = [];
  readonly clients: ClientDriver[] = [];
  /** The terminals there are now, each in its place. */
  readonly terminals: ArenaTerminal[] = [];
  readonly wrong: Wrong[] = [];
  readonly tally = new Tally();
  readonly #channels = new Map<string, number>();
  readonly #streams = new Map<string, number>();
  readonly #log: (line: string) => void;
  #nextTerminal = 1;

  private constructor(
    seed: number,
    parts: { stack: Stack; proxy: Proxy; clock: JumpingClock | null; directory: string },
    log: (line: string) => void,
  ) {
    this.seed = seed;
    this.stack = parts.stack;
    this.proxy = parts.proxy;
    this.clock = parts.clock;
    this.clientClock = JumpingClock.create(parts.directory, 'client-clock');
    this.directory = parts.directory;
    this.#log = log;
  }

  /** Starts everything and opens two terminals in each session. */
  static async start(seed: number, log: (line: string) => void): Promise<Arena> {
    const directory = mkdtempSync(join(tmpdir(), 'alex-chaos-'));
    const clock = JumpingClock.create(directory, 'clock');
    const port = await freePort();
    const proxy = await Proxy.listen(port);
    const url = `http://127.0.0.1:${proxy.port}`;
    const stack = await Stack.start(
      {
        ...{ ALEX_EDGE_URL: url, ALEX_EDGE_CONTROL: join(directory, 'edge.sock') },
        ...{ ALEX_SANDBOX_CPUS: '2', ALEX_LOG: 'debug', ...clock?.env },
      },
      { port, ownGroup: true },
    );
    const arena = new Arena(seed, { stack, proxy, clock, directory }, log);
    try {
      await arena.#populate(url);
      return arena;
    } catch (error) {
      await arena.stop(true);
      throw error;
    }
  }

  get typists(): ClientDriver[] {
    return this.clients.filter(({ name }) => name !== WATCHER);
  }

  get watcher(): ClientDriver | undefined {
    return this.clients.find(({ name }) => name === WATCHER);
  }

  log(line: string): void {
    this.#log(line);
  }

  /** Opens a terminal in place `index`; every client attaches to it. */
  async open(index: number): Promise<void> {
    const session = this.sessions[Math.floor(index / 2)] ?? '';
    const lines = index % 2 === 1;
    const spec: TerminalSpec = {
      ...{ id: `t${this.#nextTerminal++}`, session, seed: this.seed },
      ...{ style: lines ? 'lines' : 'binary', typists: lines ? 1 : 2 },
    };
    const directories = this.typists.map(({ directory }) => directory);
    const terminal = new ArenaTerminal(spec, directories);
    const opener = this.typists[0];
    opener?.send({ do: 'open', spec, typist: 0 });
    terminal.channel = await until(() => this.#channels.get(spec.id), OPEN_TIMEOUT_MS, `terminal ${spec.id}`);
    this.terminals[index] = terminal;
    for (const client of this.clients) if (client !== opener) this.attach(client, terminal, 0);
    await terminal.started();
  }

  attach(client: ClientDriver, terminal: ArenaTerminal, offset: number | null): void {
    const number = this.typists.indexOf(client);
    const typist = number >= 0 && number < terminal.spec.typists ? number : null;
    const { spec, channel, steadyFrom } = terminal;
    client.send({ do: 'attach', spec, channel, offset, typist, steadyFrom });
  }

  /** A client's window on a terminal gets another size. */
  resize(client: ClientDriver, terminal: ArenaTerminal, size: TerminalSize, take: boolean): void {
    terminal.windows.set(client.name, size);
    this.tally.resizes += 1;
    client.send({ do: 'resize', terminal: terminal.spec.id, ...size, take });
  }

  /** Says to all clients from where on a terminal's size is the same; null: it is about to change. */
  steady(terminal: ArenaTerminal, from: number | null): void {
    terminal.steadyFrom = from;
    for (const client of this.clients) client.send({ do: 'steady', terminal: terminal.spec.id, from });
  }

  /** Starts a killed client again: the same client to the edge, with nothing but what it kept. */
  async revive(client: ClientDriver): Promise<void> {
    await client.start();
    for (const session of this.sessions) client.send({ do: 'join', session });
    for (const terminal of this.terminals) {
      this.attach(client, terminal, null);
      // A page that is loaded anew measures its window again.
      const window = terminal.windows.get(client.name);
      if (window !== undefined)
        client.send({ do: 'resize', terminal: terminal.spec.id, ...window, take: false });
    }
  }

  /** Takes a terminal that has ended out of its place. */
  forget(index: number): void {
    const terminal = this.terminals[index];
    if (terminal === undefined) return;
    for (const client of this.clients) {
      client.send({ do: 'leave', terminal: terminal.spec.id });
      client.statuses.delete(terminal.spec.id);
    }
    terminal.close();
  }

  /** Adds what was compared since the last time. */
  countInput(): void {
    for (const terminal of this.terminals) this.tally.inputBytes += terminal.takeSettledBytes();
  }

  api(): Api {
    return new Api(this.stack.url, this.stack.token);
  }

  /** Ends everything; `keep`: its logs stay. */
  async stop(keep: boolean): Promise<void> {
    for (const terminal of this.terminals) terminal.close();
    await Promise.all(this.clients.map((client) => client.kill()));
    this.proxy.close();
    await (keep ? this.stack.stopKeeping() : this.stack.stop());
    if (!keep) rmSync(this.directory, { recursive: true, force: true });
  }

  async #populate(url: string): Promise<void> {
    const directory = join(this.directory, 'clients');
    mkdirSync(directory);
    const place = { url, token: this.stack.token, directory, env: this.clientClock?.env ?? {} };
    for (const name of [...TYPISTS, WATCHER]) {
      this.clients.push(new ClientDriver(name, place, (report) => this.#heard(name, report)));
    }
    for (let at = 0; at < SESSIONS; at++) {
      this.sessions.push((await this.api().createSession({ name: `chaos ${at}` })).id);
    }
    await Promise.all(this.clients.map((client) => this.revive(client)));
    for (let index = 0; index < SESSIONS * 2; index++) await this.open(index);
  }

  #heard(client: string, report: Report): void {
    switch (report.is) {
      case 'opened':
        this.#channels.set(report.terminal, report.channel);
        return;
      case 'status':
        this.tally.outputBytes += report.checkedBytes;
        return;
      case 'screen':
        this.#log(
          `${client} ${report.terminal}: a screen for ${report.skippedBytes} bytes (${report.asked ? 'asked' : 'not asked'})`,
        );
        return this.tally.screen(report);
      case 'fault':
        this.wrong.push({ ...report, direction: 'output', terminal: `${report.terminal} at ${client}` });
        return this.#log(`${client} ${report.terminal}: ${report.fault}: ${report.detail}`);
      case 'ended':
        return this.#promise(client, `the client was sent away: ${report.reason}`);
      case 'refused':
        return this.#promise(client, `${report.what} was refused: ${report.detail}`);
      case 'welcome':
        return this.#welcomed(client, report);
      default:
    }
  }

  /** What was promised in a welcome is durable: a client's stream number is its own for ever. */
  #welcomed(client: string, { session, stream }: Extract<Report, { is: 'welcome' }>): void {
    const mine = `${session} ${client}`;
    const known = this.#streams.get(mine);
    if (known !== undefined && known !== stream) this.#promise(client, `stream ${known} became ${stream}`);
    for (const [other, taken] of this.#streams) {
      if (other !== mine && other.startsWith(session) && taken === stream) {
        this.#promise(client, `stream ${stream} belongs to ${other} as well`);
      }
    }
    this.#streams.set(mine, stream);
    this.tally.connections += 1;
  }

  #promise(terminal: string, detail: string): void {
    this.#log(`${terminal}: ${detail}`);
    this.wrong.push({ terminal, direction: 'output', fault: 'promise', detail });
  }
}
