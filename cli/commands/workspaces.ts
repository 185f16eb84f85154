import { InvitationsApi, WorkspacesApi, type Workspace } from '../../client/index.ts';
import type { InvitedRole } from '../../protocol/messages/invitation.ts';
import type { WorkspaceRole } from '../../protocol/messages/workspace.ts';
import { type Context, signedIn } from '../context.ts';
import { CliError, ExitCode } from '../errors.ts';
import { jsonLine, printable, table } from '../output.ts';
import { chooseWorkspace } from '../workspace.ts';

interface JsonOption {
  json?: boolean;
}

/** `alex workspaces`: those one is in; the current one has a star. */
export async function listWorkspaces(context: Context, options: JsonOption): Promise<void> {
  const { workspaces, currentId } = await known(context);
  if (options.json === true) return print(context, workspaces);
  const rows = workspaces.map(({ id, name, kind, role }) => [
    id === currentId ? '*' : '',
    ...[printable(id), printable(name), kind, role],
  ]);
  context.stdout.write(table([['', 'ID', 'NAME', 'KIND', 'ROLE'], ...rows]));
}

/** `alex workspaces create <name>`: prints the id. */
export async function createWorkspace(context: Context, name: string, options: JsonOption): Promise<void> {
  const made = await new WorkspacesApi(signedIn(context).api.transport).create(name);
  if (options.json === true) print(context, made);
  else context.stdout.write(`${made.id}\n`);
}

/** `alex workspaces use <workspace>`: commands are about it from now on. */
export async function useWorkspace(context: Context, wanted: string): Promise<void> {
  const { url } = signedIn(context);
  const { workspaces } = await known(context);
  const { id, name } = resolve(workspaces, wanted);
  chooseWorkspace(context.env, url, id);
  context.stdout.write(`Commands are about ${printable(name)} (${id}) from now on.\n`);
}

/** `alex workspaces rename <workspace> <name>`. */
export async function renameWorkspace(context: Context, wanted: string, name: string): Promise<void> {
  const { api, id } = await find(context, wanted);
  await new WorkspacesApi(api.transport).rename(id, name);
}

/** `alex workspaces members`: who is in it. */
export async function listMembers(
  context: Context,
  wanted: string | undefined,
  options: JsonOption,
): Promise<void> {
  const { api, id } = await find(context, wanted);
  const members = await new WorkspacesApi(api.transport).listMembers(id);
  if (options.json === true) return print(context, members);
  const rows = members.map(({ userId, role, displayName }) => [
    ...[printable(userId), role, printable(displayName ?? '')],
  ]);
  context.stdout.write(table([['USER', 'ROLE', 'NAME'], ...rows]));
}

/** `alex workspaces role <userId> <role>`. */
export async function setRole(
  context: Context,
  userId: string,
  role: WorkspaceRole,
  wanted: string | undefined,
): Promise<void> {
  const { api, id } = await find(context, wanted);
  await new WorkspacesApi(api.transport).setMember(id, userId, role);
}

/** `alex workspaces remove <userId>`: out of its sessions as well, at once. */
export async function removeMember(
  context: Context,
  userId: string,
  wanted: string | undefined,
): Promise<void> {
  const { api, id } = await find(context, wanted);
  await new WorkspacesApi(api.transport).removeMember(id, userId);
}

/** `alex workspaces leave`. */
export async function leaveWorkspace(context: Context, wanted: string | undefined): Promise<void> {
  const { api, id, userId } = await find(context, wanted);
  await new WorkspacesApi(api.transport).removeMember(id, userId);
}

/** `alex workspaces transfer <userId>`. */
export async function transferWorkspace(
  context: Context,
  userId: string,
  wanted: string | undefined,
): Promise<void> {
  const { api, id } = await find(context, wanted);
  await new WorkspacesApi(api.transport).transfer(id, userId);
}

/** `alex workspaces invite [email]`: prints the link, which is told this once. */
export async function invite(
  context: Context,
  email: string | undefined,
  options: JsonOption & { role: InvitedRole; expires: number; maxUses?: number; of?: string },
): Promise<void> {
  const { api, id } = await find(context, options.of);
  const { role, expires: lifetimeMs, maxUses } = options;
  const made = await new InvitationsApi(api.transport).create(id, {
    ...{ role, lifetimeMs },
    ...(email === undefined ? {} : { email }),
    ...(maxUses === undefined ? {} : { maxUses }),
  });
  if (options.json === true) return print(context, made);
  context.stdout.write(`${made.url}\n`);
  context.stderr.write('Pass this link on yourself: no mail is sent, and it is not shown again.\n');
}

/** `alex invitations`: those into the workspace. */
export async function listInvitations(
  context: Context,
  wanted: string | undefined,
  options: JsonOption,
): Promise<void> {
  const { api, id } = await find(context, wanted);
  const list = await new InvitationsApi(api.transport).list(id);
  if (options.json === true) return print(context, list);
  const nowMs = context.nowMs();
  const rows = list.map((each) => {
    const ended = each.revokedAt !== null ? 'revoked' : Date.parse(each.expiresAt) <= nowMs ? 'expired' : '';
    const state = ended === '' && each.uses >= each.maxUses ? 'used' : ended === '' ? 'open' : ended;
    return [each.id, printable(each.email ?? 'by link'), each.role, `${each.uses}/${each.maxUses}`, state];
  });
  context.stdout.write(table([['ID', 'FOR', 'ROLE', 'USES', 'STATE'], ...rows]));
}

/** `alex invitations revoke <id>`. */
export async function revokeInvitation(
  context: Context,
  invitationId: string,
  wanted: string | undefined,
): Promise<void> {
  const { api, id } = await find(context, wanted);
  await new InvitationsApi(api.transport).revoke(id, invitationId);
}

/** `alex invitations accept <link>`. */
export async function acceptInvitation(context: Context, link: string): Promise<void> {
  const token = /alexinv_[A-Za-z0-9_-]{65}$/.exec(link)?.[0];
  if (token === undefined)
    throw new CliError(
      ExitCode.Usage,
      'That is not an invitation. It looks like https://…/invitation#alexinv_…',
    );
  const workspace = await new InvitationsApi(signedIn(context).api.transport).accept(token);
  context.stdout.write(
    `You are in ${printable(workspace.name)} (${workspace.id}) as ${workspace.role}. "alex workspaces use ${workspace.id}" goes there.\n`,
  );
}

/** A workspace by id or name, or the current one; and as whom. */
export async function find(context: Context, wanted: string | undefined) {
  const { api } = signedIn(context);
  const { workspaces, currentId, ownId } = await known(context);
  const workspace = resolve(workspaces, wanted ?? currentId);
  return { api, id: workspace.id, name: workspace.name, userId: ownId };
}

async function known(context: Context) {
  const { api } = signedIn(context);
  const workspaces = await new WorkspacesApi(api.transport).list();
  // A person's own workspace has their id.
  const ownId = workspaces.find(({ kind }) => kind === 'personal')?.id ?? '';
  return { workspaces, currentId: api.transport.workspaceId ?? ownId, ownId };
}

function resolve(workspaces: readonly Workspace[], wanted: string): Workspace {
  const exact = workspaces.find(({ id }) => id === wanted);
  const [first, ...others] = exact === undefined ? workspaces.filter(({ name }) => name === wanted) : [exact];
  if (first === undefined) {
    const detail = `There is no workspace "${wanted}". "alex workspaces" shows those you are in.`;
    throw new CliError(ExitCode.NotFound, detail);
  }
  if (others.length > 0) {
    const ids = [first, ...others].map(({ id }) => id).join(', ');
    throw new CliError(ExitCode.Error, `"${wanted}" is ambiguous; use one of the ids ${ids}.`);
  }
  return first;
}

function print(context: Context, value: unknown): void {
  context.stdout.write(jsonLine(value));
}
