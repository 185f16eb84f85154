import type { TerminalInfo } from '../../protocol/messages/session.ts';
import { type Api, PREDICTION_SETTINGS, type PredictionSetting } from '../../client/index.ts';
import { type Context, signedIn } from '../context.ts';
import { CliError, ExitCode } from '../errors.ts';
import { latestSession, resolveSession } from '../resolve.ts';
import { runShell } from '../shell/run.ts';
import { allSessions } from './sessions.ts';

/** Flags of `alex shell`. */
export interface ShellOptions {
  new?: boolean;
  terminal?: number;
  /** Type nothing, decide no size. */
  watch?: boolean;
  escape: boolean;
  /** As the flag says; absent: as ALEX_PREDICT says, or `auto`. */
  predict?: PredictionSetting;
  /** Program and arguments after `--`; empty for the login shell. */
  command: string[];
}

/** `alex shell [session]`. Out: the exit code, the shell's own when it ended. */
export async function shell(
  context: Context,
  wanted: string | undefined,
  options: ShellOptions,
): Promise<number> {
  if (options.terminal !== undefined && (options.new === true || options.command.length > 0)) {
    throw new CliError(ExitCode.Usage, '--terminal comes back to a terminal; --new and -- open another one.');
  }
  const watch = options.watch === true;
  if (watch && (options.new === true || options.command.length > 0)) {
    throw new CliError(
      ExitCode.Usage,
      '--watch looks at a terminal there is; --new and -- open another one.',
    );
  }
  const { api } = signedIn(context);
  const predict = options.predict ?? predictVariable(context);
  const startedAtMs = performance.now();
  const sessionId = watch ? await sessionToWatch(api, wanted) : await chooseSession(api, wanted);
  const chosenAtMs = performance.now();
  const channel = await chooseTerminal(api, sessionId, options);
  if (watch && channel === null)
    throw new CliError(ExitCode.NotFound, 'No terminal is open in this session to watch.');
  // The first request has made the connection as well, which takes a round trip of its own.
  const nearMs = Math.min(
    (chosenAtMs - startedAtMs) / 2,
    channel === null ? Infinity : performance.now() - chosenAtMs,
  );
  const { command, escape } = options;
  return runShell(context, { api, sessionId, channel, command, escape, watch, predict, nearMs });
}

function predictVariable({ env }: Context): PredictionSetting {
  const value = env['ALEX_PREDICT'] ?? 'auto';
  const setting = PREDICTION_SETTINGS.find((known) => known === value);
  if (setting !== undefined) return setting;
  throw new CliError(ExitCode.Usage, `ALEX_PREDICT is ${PREDICTION_SETTINGS.join(', ')}; not "${value}".`);
}

/** The session named, or the one used last. */
async function sessionToWatch(api: Api, wanted: string | undefined): Promise<string> {
  const sessions = await allSessions(api);
  return (wanted === undefined ? latestSession(sessions) : resolveSession(sessions, wanted)).id;
}

/** The session named; without a name the one used last, or a new one when there is none. */
async function chooseSession(api: Api, wanted: string | undefined): Promise<string> {
  const sessions = await allSessions(api);
  if (wanted !== undefined) return resolveSession(sessions, wanted).id;
  if (sessions.some((session) => session.status !== 'expired')) return latestSession(sessions).id;
  return (await api.createSession({ name: 'shell' }, crypto.randomUUID())).id;
}

/** The terminal to come back to; null: open one. */
async function chooseTerminal(api: Api, sessionId: string, options: ShellOptions): Promise<number | null> {
  if (options.new === true || options.command.length > 0) return null;
  const terminals = await api.listTerminals(sessionId);
  const open = terminals.filter((terminal) => terminal.state !== 'exited');
  if (options.terminal === undefined) return latestOf(open)?.channel ?? null;
  if (terminals.some((terminal) => terminal.channel === options.terminal)) return options.terminal;
  const numbers = open.map((terminal) => terminal.channel).join(', ');
  throw new CliError(
    ExitCode.NotFound,
    `There is no terminal ${options.terminal}. ${numbers === '' ? 'None is open.' : `Open are: ${numbers}.`}`,
  );
}

function latestOf(terminals: readonly TerminalInfo[]): TerminalInfo | undefined {
  return terminals.toSorted((a, b) => b.channel - a.channel)[0];
}
