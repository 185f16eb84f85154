import { type Command, Option } from 'commander';
import { devices, link, login, logout, revokeDevices, whoami } from './commands/account.ts';
import { deleteAccount, exportAccount } from './commands/deletion.ts';
import { renameAccount, showAccount } from './commands/profile.ts';
import type { Context } from './context.ts';

interface JsonOption {
  json?: boolean;
}

const json = () => new Option('--json', 'print JSON');

/** Commands about who one is, where one is signed in, and everything held of one. */
export function accountCommands(program: Command, context: Context): void {
  program
    .command('login')
    .description('sign in: with a code to confirm in a browser, or with a link')
    .argument('[where]', 'address of the edge, or a sign-in link (from npm start or "alex link"), good once')
    .action((where: string | undefined) => login(context, where));
  program
    .command('logout')
    .description('sign this machine out')
    .action(() => logout(context));
  program
    .command('link')
    .description('make a sign-in link for a browser or another machine')
    .addOption(json())
    .action((options: JsonOption) => link(context, options));
  program
    .command('whoami')
    .description('as whom you are signed in, and where')
    .addOption(json())
    .action((options: JsonOption) => whoami(context, options));
  deviceCommands(program, context);
  ownAccountCommands(program, context);
}

function deviceCommands(program: Command, context: Context): void {
  const group = program.command('devices').description('the browsers and machines you are signed in on');
  group
    .command('list', { isDefault: true })
    .description('list them; also without "list"')
    .addOption(json())
    .action((options: JsonOption) => devices(context, options));
  group
    .command('revoke')
    .description('sign a device out')
    .argument('[id]', 'its id, as "alex devices" prints it, or the beginning of it')
    .option('--all', 'all of them, this one too')
    .action((id: string | undefined, options: { all?: boolean }) => revokeDevices(context, id, options));
}

function ownAccountCommands(program: Command, context: Context): void {
  const account = program
    .command('account')
    .description('what you are called, how you sign in, and everything held of you');
  account
    .command('show', { isDefault: true })
    .description('what you are called and how you sign in; also without "show"')
    .addOption(json())
    .action((options: JsonOption) => showAccount(context, options));
  account
    .command('rename')
    .description('change what others see of you; without a name, back to the one from your sign-in')
    .argument('[name]', 'the new name')
    .addOption(json())
    .action((name: string | undefined, options: JsonOption) => renameAccount(context, name, options));
  account
    .command('export')
    .description('print everything held of you, as JSON lines')
    .action(() => exportAccount(context));
  account
    .command('delete')
    .description('delete it, with the workspaces nobody else is in')
    .option('--confirm <name>', 'what is deleted, by its name, without being asked')
    .option('--no-wait', 'come back at once; the edge goes on by itself')
    .action((options: { confirm?: string; wait: boolean }) => deleteAccount(context, options));
}
