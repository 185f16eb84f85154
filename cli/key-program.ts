import { type Command, InvalidArgumentError, Option } from 'commander';
import { Scope } from '../protocol/messages/scopes.ts';
import { createKey, listKeys, revokeKey } from './commands/keys.ts';
import type { Context } from './context.ts';

const AFTER_CREATE_HELP = `
Scopes:
  sessions:read    see sessions and watch their terminals
  sessions:write   make, rename, share and delete sessions
  terminals:write  open and close terminals and type into them
  workspace:read   see workspaces, their members, invitations and use
  workspace:write  change them
  audit:read       read and export the audit log
  operator         what only operators may: hosts and metrics
A key is good for one workspace and never for more than you may do there yourself.`;

interface CreateFlags {
  scope: Scope[];
  days?: number;
  json?: boolean;
}

/** `alex keys …`. */
export function keyCommands(program: Command, context: Context): void {
  const keys = program.command('keys').description('API keys, by which programs act for you');
  keys
    .command('list', { isDefault: true })
    .description('list your keys; also without "list"')
    .option('--json', 'print JSON')
    .action((options: { json?: boolean }) => listKeys(context, options));
  keys
    .command('create')
    .description('make a key and print it, this once')
    .argument('<name>', 'what it is for')
    .addOption(
      new Option('--scope <scope...>', 'what it is good for').choices(Scope.options).makeOptionMandatory(),
    )
    .option('--days <number>', 'it ends by itself after so many days', wholeDays)
    .option('--json', 'print JSON')
    .addHelpText('after', AFTER_CREATE_HELP)
    .action((name: string, options: CreateFlags) => createKey(context, name, options));
  keys
    .command('revoke')
    .description('end a key, everywhere within 5 seconds')
    .argument('<id>', 'its id, or the beginning of it')
    .action((id: string) => revokeKey(context, id));
}

function wholeDays(text: string): number {
  if (!/^[1-9]\d{0,3}$/.test(text)) throw new InvalidArgumentError('Days are a whole number from 1 on.');
  return Number(text);
}
