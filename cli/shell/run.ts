import type { Participant, TerminalExit } from '../../protocol/messages/session.ts';
import {
  type Api,
  type PredictionSetting,
  SessionClient,
  type TerminalSink,
  type TerminalStream,
} from '../../client/index.ts';
import { openNodeSocket } from '../../client/node-socket.ts';
import type { Context } from '../context.ts';
import { connectionEnded, ExitCode } from '../errors.ts';
import { Display } from '../prediction/display.ts';
import { ESCAPE_HELP, EscapeScanner } from './escape.ts';
import { exitCodeOf, exitNotice } from './exit-status.ts';
import { LocalTerminal } from './local-terminal.ts';
import { withoutReplies } from './replies.ts';
import { SizeHint } from './size-hint.ts';
import { StatusLine } from './status-line.ts';
import { printableLines } from '../output.ts';

/** End of transmission: what a terminal sends for the end of input. */
const EOT = Uint8Array.of(0x04);

/** The key that leaves where nothing can be typed. */
const CTRL_C = 0x03;

/** What to show. */
export interface ShellTarget {
  api: Api;
  sessionId: string;
  /** Null: open a terminal. */
  channel: number | null;
  /** For a terminal to open; empty for the login shell. */
  command: string[];
  escape: boolean;
  /** When typed keys are shown before they were echoed. */
  predict: PredictionSetting;
  /** How fast the edge answered so far; null: not known. */
  nearMs: number | null;
  /** Types nothing and decides no size, whatever this person may do. */
  watch: boolean;
}

/** How it ended. */
type Outcome =
  | { kind: 'exit'; exit: TerminalExit }
  | { kind: 'detach' }
  | { kind: 'end'; reason: string; mustSignIn?: true }
  | { kind: 'signal' };

/** Shows a terminal of a session in the person's own until it ends or they leave. Out: the exit code for `alex`. */
export async function runShell(context: Context, target: ShellTarget): Promise<number> {
  const local = new LocalTerminal(context.stdin, context.stdout);
  const outcome = Promise.withResolvers<Outcome>();
  const exited = (exit: TerminalExit): void => outcome.resolve({ kind: 'exit', exit });
  const display = new Display(local, target.predict, exited);
  const status = new StatusLine();
  let toldLimit = false;
  const client = new SessionClient(
    {
      ...{ api: target.api, sessionId: target.sessionId, openSocket: openNodeSocket, device: 'alex' },
      ...(target.watch ? { role: 'viewer' as const } : {}),
    },
    {
      state(state) {
        const line = status.next(state);
        if (line !== null) display.say(line);
        if (state.kind === 'ended') outcome.resolve({ ...state, kind: 'end' });
      },
      message(message) {
        if (message.type === 'error' && message.code === 'terminal-not-found') {
          outcome.resolve({ kind: 'end', reason: message.detail });
        }
        if (message.type === 'error' && message.code === 'limit-exceeded' && message.channel === undefined) {
          if (!toldLimit) display.say(message.detail);
          toldLimit = true;
        }
        if (message.type === 'terminal.sizer' || message.type === 'terminal.resized') tellSize();
      },
    },
  );
  const hint = new SizeHint();
  let shown: TerminalStream | null = null;
  const otherSizer = (channel: number): Participant | null => {
    const sizer = client.people.sizerOf(channel);
    return sizer === null || sizer.clientId === client.clientId ? null : sizer;
  };
  const tellSize = (): void => {
    if (shown === null || shown.info === null) return;
    const others = otherSizer(shown.channel);
    // As the session will say in a moment, when it has changed just now.
    const size = client.state?.terminals[shown.channel] ?? shown.info;
    const line = hint.next(size, local.size, others, shown.mayType);
    if (line !== null) display.say(line);
  };
  let screened = false;
  const sink: TerminalSink = {
    ...display.sink,
    screen(screen, consumed) {
      display.sink.screen(screen, consumed);
      if (screened) return;
      // The first screen may come after the hint, and has wiped it.
      screened = true;
      hint.forget();
      tellSize();
    },
  };
  const onSignal = (): void => outcome.resolve({ kind: 'signal' });
  const restore = (): void => local.restore();
  for (const name of ['SIGTERM', 'SIGHUP'] as const) process.once(name, onSignal);
  process.once('exit', restore);
  try {
    await display.prepare(target.nearMs);
    client.connectNow();
    const stream = await connectStream(client, target, local, sink, outcome.resolve);
    shown = stream;
    const quiet = (): boolean => stream !== null && (!stream.mayType || otherSizer(stream.channel) !== null);
    if (stream !== null) takeKeyboard(stream, local, display, { ...target, quiet }, outcome.resolve);
    tellSize();
    return await finish(await outcome.promise, local, context);
  } finally {
    local.restore();
    display.dispose();
    client.close();
    process.removeListener('exit', restore);
    for (const name of ['SIGTERM', 'SIGHUP'] as const) process.removeListener(name, onSignal);
  }
}

/** Attaches, or opens a terminal. Null when that failed; the outcome says why then. */
async function connectStream(
  client: SessionClient,
  target: ShellTarget,
  local: LocalTerminal,
  sink: TerminalSink,
  resolve: (outcome: Outcome) => void,
): Promise<TerminalStream | null> {
  try {
    if (target.channel === null) {
      const command = target.command.length === 0 ? {} : { command: target.command };
      const opened = await client.open({ size: local.size, ...command }, sink);
      opened.resize(local.size);
      return opened;
    }
    const stream = client.attach(target.channel, sink);
    // Told as soon as it is attached; counts from the first key on, or at once when nobody else looks at it.
    stream.resize(local.size);
    return stream;
  } catch (error) {
    resolve({ kind: 'end', reason: error instanceof Error ? error.message : String(error) });
    return null;
  }
}

/** `quiet`: what the person's terminal answers to programs is somebody else's to answer. */
function takeKeyboard(
  stream: TerminalStream,
  local: LocalTerminal,
  display: Display,
  { escape, quiet }: { escape: boolean; quiet(): boolean },
  resolve: (outcome: Outcome) => void,
): void {
  display.bind(stream);
  let toldReadOnly = false;
  const scanner = escape ? new EscapeScanner() : null;
  local.start({
    keys(read) {
      const keys = local.interactive && quiet() ? withoutReplies(read) : read;
      if (keys.length === 0) return;
      const { bytes, action } = scanner?.scan(keys) ?? { bytes: keys, action: null };
      if (bytes.length > 0 && !stream.write(bytes)) {
        if (stream.mayType) display.say('too much is waiting to be sent; that was not typed');
        else if (bytes.includes(CTRL_C)) resolve({ kind: 'detach' });
        else if (!toldReadOnly) display.say('you only watch here, so nothing was typed; Ctrl-C leaves');
        toldReadOnly ||= !stream.mayType;
      }
      display.typed();
      if (action === 'help') display.say(`\r\n${ESCAPE_HELP}\r\n`);
      if (action === 'detach') resolve({ kind: 'detach' });
    },
    // A pipe that ends is the end of input for the shell, as at a keyboard.
    end: () => void stream.write(EOT),
    resize: (size) => {
      display.resized();
      stream.resize(size);
    },
  });
}

async function finish(outcome: Outcome, local: LocalTerminal, context: Context): Promise<number> {
  if (outcome.kind === 'exit') await local.flushed();
  local.restore();
  const say = (text: string): void => void context.stderr.write(`[alex: ${printableLines(text)}]\n`);
  switch (outcome.kind) {
    case 'exit': {
      const notice = exitNotice(outcome.exit);
      if (notice !== null) say(notice);
      return exitCodeOf(outcome.exit);
    }
    case 'detach':
      context.stdout.write('\r\n');
      say('detached; "alex shell" comes back');
      return ExitCode.Ok;
    case 'signal':
      return ExitCode.Error;
    case 'end':
      throw connectionEnded(outcome);
  }
}
