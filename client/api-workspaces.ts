import { z } from 'zod';
import { AccessPolicy } from '../protocol/messages/access-policy.ts';
import { Usage } from '../protocol/messages/usage.ts';
import { Workspace, WorkspaceMember, type WorkspaceRole } from '../protocol/messages/workspace.ts';
import type { ApiTransport } from './api-transport.ts';

const ROOT = '/api/v1/workspaces';

/** The typed HTTP API of workspaces and who is in them. Calls throw as those of `Api` do. */
export class WorkspacesApi {
  readonly #http: ApiTransport;

  constructor(http: ApiTransport) {
    this.#http = http;
  }

  /** Those one is in, one's own first. */
  async list(): Promise<Workspace[]> {
    return (await this.#http.call('GET', ROOT, z.object({ workspaces: z.array(Workspace) }))).workspaces;
  }

  /** A workspace for a team. `idempotencyKey`: repeating the call with it makes one. */
  create(name: string, idempotencyKey?: string): Promise<Workspace> {
    const headers = idempotencyKey === undefined ? {} : { 'idempotency-key': idempotencyKey };
    return this.#http.call('POST', ROOT, Workspace, { name }, headers);
  }

  get(id: string): Promise<Workspace> {
    return this.#http.call('GET', pathOf(id), Workspace);
  }

  rename(id: string, name: string): Promise<Workspace> {
    return this.#http.call('PATCH', pathOf(id), Workspace, { name });
  }

  /** What it asks of every request besides a role. */
  getPolicy(id: string): Promise<AccessPolicy> {
    return this.#http.call('GET', `${pathOf(id)}/policy`, AccessPolicy);
  }

  /** Holds everywhere within five seconds, also for whoever sets it. */
  setPolicy(id: string, policy: AccessPolicy): Promise<AccessPolicy> {
    return this.#http.call('PUT', `${pathOf(id)}/policy`, AccessPolicy, policy);
  }

  /** What the current workspace uses of what it may. */
  usage(): Promise<Usage> {
    return this.#http.call('GET', '/api/v1/usage', Usage);
  }

  async listMembers(id: string): Promise<WorkspaceMember[]> {
    const Members = z.object({ members: z.array(WorkspaceMember) });
    return (await this.#http.call('GET', `${pathOf(id)}/members`, Members)).members;
  }

  setMember(id: string, userId: string, role: WorkspaceRole): Promise<WorkspaceMember> {
    return this.#http.call('PUT', memberPath(id, userId), WorkspaceMember, { role });
  }

  /** Takes somebody off the workspace, or leaves it. */
  async removeMember(id: string, userId: string): Promise<void> {
    await this.#http.request('DELETE', memberPath(id, userId));
  }

  /** Makes another member the owner in one's own place. */
  async transfer(id: string, userId: string): Promise<void> {
    await this.#http.request('POST', `${pathOf(id)}/transfer`, { userId });
  }
}

function pathOf(id: string): string {
  return `${ROOT}/${encodeURIComponent(id)}`;
}

function memberPath(id: string, userId: string): string {
  return `${pathOf(id)}/members/${encodeURIComponent(userId)}`;
}
