import { Command, CommanderError, InvalidArgumentError, Option } from 'commander';
import { PREDICTION_SETTINGS, type PredictionSetting } from '../client/index.ts';
import packageJson from '../package.json' with { type: 'json' };
import { accountCommands } from './account-program.ts';
import { auditCommands } from './audit-program.ts';
import { events, type EventsOptions } from './commands/events.ts';
import { create, list, remove, rename } from './commands/sessions.ts';
import { members, unshare, who } from './commands/people.ts';
import { shell } from './commands/shell.ts';
import type { Context } from './context.ts';
import { CliError, ExitCode } from './errors.ts';
import { describeFailure } from './failures.ts';
import { keyCommands } from './key-program.ts';
import { printableLines } from './output.ts';
import { operatorCommands } from './operator-program.ts';
import { sharingCommands, workspaceCommands } from './tenancy-program.ts';

const AFTER_HELP = `
Environment:
  ALEX_URL, ALEX_TOKEN  where to connect and as whom (a token or an API key); they win over "alex login"
  ALEX_WORKSPACE        as --workspace
  ALEX_PREDICT          as --predict of "alex shell": off, auto (when the connection is slow), always
  NO_COLOR              no colours
Exit codes:
  0 done, 1 failed, 2 wrong usage, 3 not signed in, 4 there is no such thing, or not for you,
  5 an audit log that is whole but whose signatures could not be checked;
  "alex shell" ends with the exit code of the shell`;

const AFTER_SHELL_HELP = `
A command after -- runs in a new terminal instead of the login shell.
Detach with Enter ~ . (the shell goes on); Enter ~ ? lists the escapes.`;

/** Runs `alex` with the given arguments (without node and script). Out: its exit code. Never throws. */
export async function runCli(context: Context, args: readonly string[]): Promise<number> {
  let exitCode: number = ExitCode.Ok;
  // Everything after `--` is a program's own command line; taken off here, it cannot be mistaken for a session.
  const dashes = args.indexOf('--');
  const own = dashes === -1 ? [...args] : args.slice(0, dashes);
  // Who says nothing wants to know what can be said.
  if (args.length === 0) own.push('--help');
  const command = dashes === -1 ? [] : args.slice(dashes + 1);
  const scoped: Context = { ...context };
  const program = buildProgram(scoped, command, (code) => {
    exitCode = code;
  });
  program.hook('preAction', () => {
    const { workspace } = program.opts<{ workspace?: string }>();
    if (workspace !== undefined) scoped.workspace = workspace;
  });
  try {
    if (command.length > 0 && own[0] !== 'shell')
      throw new CliError(ExitCode.Usage, 'Only "alex shell" takes -- and a command.');
    await program.parseAsync(own, { from: 'user' });
    return exitCode;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? ExitCode.Ok : ExitCode.Usage;
    const failure = error instanceof CliError ? error : describeFailure(error, context.env);
    if (failure.message !== '') context.stderr.write(`alex: ${printableLines(failure.message)}\n`);
    return failure.exitCode;
  }
}

/** All commands and their options. `shellCommand`: what was behind `--`. */
export function buildProgram(
  context: Context,
  shellCommand: readonly string[],
  setExitCode: (code: number) => void,
): Command {
  const program = new Command('alex')
    .description('Terminals in sandboxes at the edge, from your own terminal.')
    .version(packageJson.version, '-V, --version', 'print the version')
    .option('--workspace <id>', 'the workspace this is about, in place of the one in use')
    .helpOption('-h, --help', 'print this help')
    .helpCommand('help [command]', 'print the help of a command')
    .addHelpText('after', AFTER_HELP)
    .showHelpAfterError('(see --help)')
    .exitOverride()
    .configureOutput({
      writeOut: (text) => context.stdout.write(text),
      writeErr: (text) => context.stderr.write(text),
      // Whatever goes wrong begins alike, so that a log or a pipe shows whose words they are.
      outputError: (text, write) => {
        write(text.replace(/^error: /, 'alex: '));
      },
    });
  accountCommands(program, context);
  sessionCommands(program, context);
  peopleCommands(program, context);
  sharingCommands(program, context);
  workspaceCommands(program, context);
  auditCommands(program, context, setExitCode);
  keyCommands(program, context);
  operatorCommands(program, context);
  program
    .command('shell')
    .description('a shell in a session: the one named, or the one used last, or a new one')
    .argument('[session]', 'id, name, or the beginning of an id')
    .option('--new', 'open another terminal instead of coming back to the one there is')
    .option('--terminal <number>', 'come back to this terminal', channelNumber)
    .addOption(
      new Option('--predict <when>', 'show keys before the server has echoed them (default: auto)').choices(
        PREDICTION_SETTINGS,
      ),
    )
    .option('--watch', 'only watch: nothing typed here reaches the shell; Ctrl-C leaves')
    .option('--no-escape', 'send ~ as typed, also at the start of a line')
    .usage('[options] [session] [-- command...]')
    .addHelpText('after', AFTER_SHELL_HELP)
    .action(async (session: string | undefined, options: ShellFlags) => {
      setExitCode(await shell(context, session, { ...options, command: [...shellCommand] }));
    });
  program
    .command('events')
    .description('what happened in a session: its event log')
    .argument('<session>', 'id, name, or the beginning of an id')
    .option('--since <version>', 'only events after this version', versionNumber)
    .option('--follow', 'go on with what happens, until Ctrl-C')
    .option('--json', 'print each event as one line of JSON')
    .action((session: string, options: EventsOptions) => events(context, session, options));
  program
    .command('version')
    .description('print the version')
    .action(() => void context.stdout.write(`${packageJson.version}\n`));
  return program;
}

interface ShellFlags {
  new?: boolean;
  terminal?: number;
  predict?: PredictionSetting;
  watch?: boolean;
  escape: boolean;
}

function sessionCommands(program: Command, context: Context): void {
  program
    .command('ls')
    .description('list your sessions, newest first')
    .option('--json', 'print JSON')
    .action((options: { json?: boolean }) => list(context, options));
  program
    .command('new')
    .description('make a session and print its id')
    .argument('[name]', 'a name for it')
    .option('--json', 'print JSON')
    .action((name: string | undefined, options: { json?: boolean }) => create(context, name, options));
  program
    .command('rename')
    .description('give a session another name')
    .argument('<session>', 'id, name, or the beginning of an id')
    .argument('<name>', 'the new name')
    .action((session: string, name: string) => rename(context, session, name));
  program
    .command('rm')
    .description('delete sessions, with their shells and workspaces')
    .argument('<session...>', 'ids, names, or beginnings of ids')
    .action((sessions: string[]) => remove(context, sessions));
}

function peopleCommands(program: Command, context: Context): void {
  const session = ['<session>', 'id, name, or the beginning of an id'] as const;
  program
    .command('who')
    .description('who is connected to a session now: the one named, or the one used last')
    .argument('[session]', session[1])
    .option('--json', 'print JSON')
    .action((wanted: string | undefined, options: { json?: boolean }) => who(context, wanted, options));
  program
    .command('members')
    .description('whom a session is shared with')
    .argument(...session)
    .option('--json', 'print JSON')
    .action((wanted: string, options: { json?: boolean }) => members(context, wanted, options));
  program
    .command('unshare')
    .description('stop sharing a session with somebody; they are disconnected at once')
    .argument(...session)
    .argument('<userId>', 'their user id')
    .action((wanted: string, userId: string) => unshare(context, wanted, userId));
}

/** A whole number of the event log. */
function versionNumber(text: string): number {
  if (!/^\d{1,15}$/.test(text)) throw new InvalidArgumentError('A version is a whole number.');
  return Number(text);
}

function channelNumber(text: string): number {
  const channel = Number(text);
  if (!/^[1-9]\d{0,9}$/.test(text)) throw new InvalidArgumentError('A terminal is a number from 1 on.');
  return channel;
}
