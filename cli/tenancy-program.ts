import { type Command, Option } from 'commander';
import { INVITATION_TTL_MS } from '../protocol/limits.ts';
import { InvitedRole } from '../protocol/messages/invitation.ts';
import { Role } from '../protocol/messages/session.ts';
import { SharedRole } from '../protocol/messages/share-link.ts';
import { WorkspaceRole } from '../protocol/messages/workspace.ts';
import { deleteWorkspace, exportWorkspace } from './commands/deletion.ts';
import { share } from './commands/people.ts';
import { policy } from './commands/policy.ts';
import { listLinks, revokeLink, shareByLink, transferSession } from './commands/share-links.ts';
import {
  acceptInvitation,
  createWorkspace,
  invite,
  leaveWorkspace,
  listInvitations,
  listMembers,
  listWorkspaces,
  removeMember,
  renameWorkspace,
  revokeInvitation,
  setRole,
  transferWorkspace,
  useWorkspace,
} from './commands/workspaces.ts';
import type { Context } from './context.ts';
import { durationMs, wholeNumber } from './durations.ts';
import { CliError, ExitCode } from './errors.ts';

interface JsonOption {
  json?: boolean;
}

/** A command above takes `--json` as well, and with it the option of those below. */
function jsonOf(command: Command): JsonOption {
  const { json: wanted } = command.optsWithGlobals<JsonOption>();
  return wanted === undefined ? {} : { json: wanted };
}

const WORKSPACE = 'id or name; without it the current one';
const json = () => new Option('--json', 'print JSON');
const confirm = () => new Option('--confirm <name>', 'what is deleted, by its name, without being asked');
const noWait = () => new Option('--no-wait', 'come back at once; the edge goes on by itself');

/** Commands about workspaces, who is in them, and what goes with them. */
export function workspaceCommands(program: Command, context: Context): void {
  const workspaces = program.command('workspaces').description('the workspaces you are in');
  workspaces
    .command('list', { isDefault: true })
    .description('list them; also without "list"')
    .addOption(json())
    .action((options: JsonOption) => listWorkspaces(context, options));
  workspaces
    .command('create')
    .description('make a workspace for a team and print its id')
    .argument('<name>', 'a name for it')
    .addOption(json())
    .action((name: string, options: JsonOption) => createWorkspace(context, name, options));
  workspaces
    .command('use')
    .description('let commands be about a workspace from now on')
    .argument('<workspace>', 'id or name')
    .action((wanted: string) => useWorkspace(context, wanted));
  workspaces
    .command('rename')
    .description('give a workspace another name')
    .argument('<workspace>', 'id or name')
    .argument('<name>', 'the new name')
    .action((wanted: string, name: string) => renameWorkspace(context, wanted, name));
  workspaces
    .command('policy')
    .description('print what it asks of every request besides a role, as JSON: networks, hours, agents, …')
    .argument('[workspace]', WORKSPACE)
    .option('--set <file>', 'ask this instead; what the file leaves out is not asked ("-": standard input)')
    .action((wanted: string | undefined, options: { set?: string }) => policy(context, wanted, options));
  workspaces
    .command('members')
    .description('who is in a workspace')
    .argument('[workspace]', WORKSPACE)
    .addOption(json())
    .action((wanted: string | undefined, options: JsonOption) => listMembers(context, wanted, options));
  workspaces
    .command('invite')
    .description('print a link that lets somebody in; with an address, only who signs in with it')
    .argument('[email]', 'whose invitation it is')
    .addOption(new Option('--role <role>', 'what they become').choices(InvitedRole.options).default('member'))
    .option('--expires <time>', 'how long it is good, such as 12h or 7d', durationMs, INVITATION_TTL_MS)
    .option('--max-uses <count>', 'how many may come by it', wholeNumber)
    .option('--of <workspace>', WORKSPACE)
    .addOption(json())
    .action(
      (
        email: string | undefined,
        options: JsonOption & { role: string; expires: number; maxUses?: number; of?: string },
      ) => invite(context, email, { ...options, role: InvitedRole.parse(options.role) }),
    );
  workspaces
    .command('role')
    .description('change what a member may do')
    .argument('<userId>', 'their user id')
    .argument('<role>', WorkspaceRole.options.join(', '))
    .argument('[workspace]', WORKSPACE)
    .action((userId: string, role: string, wanted: string | undefined) => {
      const parsed = WorkspaceRole.safeParse(role);
      if (!parsed.success)
        throw new CliError(ExitCode.Usage, `A role is one of ${WorkspaceRole.options.join(', ')}.`);
      return setRole(context, userId, parsed.data, wanted);
    });
  workspaces
    .command('remove')
    .description('take somebody off, out of its sessions as well, at once')
    .argument('<userId>', 'their user id')
    .argument('[workspace]', WORKSPACE)
    .action((userId: string, wanted: string | undefined) => removeMember(context, userId, wanted));
  workspaces
    .command('leave')
    .description('leave a workspace')
    .argument('[workspace]', WORKSPACE)
    .action((wanted: string | undefined) => leaveWorkspace(context, wanted));
  workspaces
    .command('transfer')
    .description('make another member the owner in your place')
    .argument('<userId>', 'their user id')
    .argument('[workspace]', WORKSPACE)
    .action((userId: string, wanted: string | undefined) => transferWorkspace(context, userId, wanted));
  workspaces
    .command('export')
    .description('print everything held of a workspace, as JSON lines')
    .argument('[workspace]', WORKSPACE)
    .action((wanted: string | undefined) => exportWorkspace(context, wanted));
  workspaces
    .command('delete')
    .description('delete a workspace with all its sessions and files')
    .argument('<workspace>', 'id or name')
    .addOption(confirm())
    .addOption(noWait())
    .action((wanted: string, options: { confirm?: string; wait: boolean }) =>
      deleteWorkspace(context, wanted, options),
    );
  invitationCommands(program, context);
}

function invitationCommands(program: Command, context: Context): void {
  const invitations = program.command('invitations').description('the invitations into a workspace');
  invitations
    .command('list', { isDefault: true })
    .description('list them; also without "list"')
    .argument('[workspace]', WORKSPACE)
    .addOption(json())
    .action((wanted: string | undefined, options: JsonOption) => listInvitations(context, wanted, options));
  invitations
    .command('accept')
    .description('come into the workspace that a link is for')
    .argument('<link>', 'the link, or what is behind its #')
    .action((link: string) => acceptInvitation(context, link));
  invitations
    .command('revoke')
    .description('make an invitation worth nothing')
    .argument('<id>', 'its id, as "alex invitations" prints it')
    .argument('[workspace]', WORKSPACE)
    .action((id: string, wanted: string | undefined) => revokeInvitation(context, id, wanted));
}

/** Commands that share a session with a person or by link, and hand it over. */
export function sharingCommands(program: Command, context: Context): void {
  const session = ['<session>', 'id, name, or the beginning of an id'] as const;
  const sharing = program
    .command('share')
    .description(
      'share a session with somebody, or change what they may do there; without a person, by a link',
    )
    .argument(...session)
    .argument('[userId]', 'their user id')
    .addOption(new Option('--role <role>', 'what they may do').choices(Role.options).default('viewer'))
    .option('--expires <time>', 'how long a link is good, such as 12h or 7d', durationMs)
    .option('--max-uses <count>', 'how many may come by a link', wholeNumber)
    .option('--signed-in-only', 'a link lets in nobody who is not signed in')
    .addOption(json())
    .action(
      (
        wanted: string,
        userId: string | undefined,
        options: JsonOption & { role: string; expires?: number; maxUses?: number; signedInOnly?: boolean },
      ) => {
        if (userId !== undefined) return share(context, wanted, userId, Role.parse(options.role));
        const role = SharedRole.safeParse(options.role);
        if (!role.success)
          throw new CliError(ExitCode.Usage, 'A link makes viewers and editors, not owners.');
        return shareByLink(context, wanted, { ...options, role: role.data });
      },
    );
  sharing
    .command('list')
    .description('the links to a session')
    .argument(...session)
    .addOption(json())
    .action((wanted: string, _own: JsonOption, command: Command) =>
      listLinks(context, wanted, jsonOf(command)),
    );
  sharing
    .command('revoke')
    .description('end a link; whoever came by it is out at once')
    .argument(...session)
    .argument('<link>', 'its id, as "alex share list" prints it')
    .action((wanted: string, link: string) => revokeLink(context, wanted, link));
  program
    .command('transfer')
    .description('make a member of the workspace the owner of a session in your place')
    .argument(...session)
    .argument('<userId>', 'their user id')
    .action((wanted: string, userId: string) => transferSession(context, wanted, userId));
}
