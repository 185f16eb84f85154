import { z } from 'zod';
import {
  CreatedShareLink,
  RedeemedShareLink,
  ShareLink,
  type SharedRole,
} from '../protocol/messages/share-link.ts';
import type { ApiTransport } from './api-transport.ts';

/** What a link gives, and how often; whatever is absent is as the edge has it. */
export interface NewShareLink {
  role?: SharedRole;
  /** Lets in nobody who is not signed in. */
  signedInOnly?: boolean;
  lifetimeMs?: number;
  maxUses?: number;
}

/** The typed HTTP API of links to sessions. Calls throw as those of `Api` do. */
export class ShareLinksApi {
  readonly #http: ApiTransport;

  constructor(http: ApiTransport) {
    this.#http = http;
  }

  /** Those of a session, newest first. */
  async list(sessionId: string): Promise<ShareLink[]> {
    const Links = z.object({ shareLinks: z.array(ShareLink) });
    return (await this.#http.call('GET', pathOf(sessionId), Links)).shareLinks;
  }

  /** The answer has the link, this once. */
  create(sessionId: string, input: NewShareLink = {}): Promise<CreatedShareLink> {
    return this.#http.call('POST', pathOf(sessionId), CreatedShareLink, input);
  }

  /** Whoever came by it is out at once. */
  async revoke(sessionId: string, id: string): Promise<void> {
    await this.#http.request('DELETE', `${pathOf(sessionId)}/${encodeURIComponent(id)}`);
  }

  /**
   * Uses a link: signed in, as oneself; otherwise as a guest, who is called `name`, and gets a token for the one session.
   * A guest that sends the token they have stays who they are.
   */
  redeem(token: string, name?: string): Promise<RedeemedShareLink> {
    const body = { token, ...(name === undefined ? {} : { name }) };
    return this.#http.call('POST', '/api/v1/share-links/redeem', RedeemedShareLink, body);
  }

  /** Makes a member of the workspace the owner of a session in one's own place. */
  async transfer(sessionId: string, userId: string): Promise<void> {
    await this.#http.request('POST', `/api/v1/sessions/${encodeURIComponent(sessionId)}/transfer`, {
      userId,
    });
  }
}

function pathOf(sessionId: string): string {
  return `/api/v1/sessions/${encodeURIComponent(sessionId)}/share-links`;
}
