import { z } from 'zod';
import { CreatedInvitation, Invitation, type InvitedRole } from '../protocol/messages/invitation.ts';
import { Workspace } from '../protocol/messages/workspace.ts';
import type { ApiTransport } from './api-transport.ts';

/** Whom to invite, as what. */
export interface NewInvitation {
  /** Only who signs in with this address may come; absent: whoever has the link, `maxUses` times. */
  email?: string;
  role: InvitedRole;
  lifetimeMs: number;
  maxUses?: number;
}

/** The typed HTTP API of invitations into workspaces. Calls throw as those of `Api` do. */
export class InvitationsApi {
  readonly #http: ApiTransport;

  constructor(http: ApiTransport) {
    this.#http = http;
  }

  /** Those of a workspace, ended ones for some time as well. */
  async list(workspaceId: string): Promise<Invitation[]> {
    const Invitations = z.object({ invitations: z.array(Invitation) });
    return (await this.#http.call('GET', pathOf(workspaceId), Invitations)).invitations;
  }

  /** The answer has the link, this once. */
  create(workspaceId: string, input: NewInvitation): Promise<CreatedInvitation> {
    return this.#http.call('POST', pathOf(workspaceId), CreatedInvitation, input);
  }

  async revoke(workspaceId: string, id: string): Promise<void> {
    await this.#http.request('DELETE', `${pathOf(workspaceId)}/${encodeURIComponent(id)}`);
  }

  /** Comes into the workspace the token is for. */
  accept(token: string): Promise<Workspace> {
    return this.#http.call('POST', '/api/v1/invitations/accept', Workspace, { token });
  }
}

function pathOf(workspaceId: string): string {
  return `/api/v1/workspaces/${encodeURIComponent(workspaceId)}/invitations`;
}
