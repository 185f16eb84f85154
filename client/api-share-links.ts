import { z } from 'zod';
import {
  CreatedShareLink,
  RedeemedShareLink,
  ShareLink,
  type SharedRole,
} from '../protocol/messages/share-link.ts';
import type { ApiTransport } from './api-transport.ts';

/** What a link gives, to whom, for how long. */
export interface NewShareLink {
  role: SharedRole;
  signedInOnly: boolean;
  lifetimeMs: number;
  maxUses: number;
}

/** The typed HTTP API of links to sessions. Calls throw as those of `Api` do. */
export class ShareLinksApi {
  readonly #http: ApiTransport;

  constructor(http: ApiTransport) {
    this.#http = http;
  }

  /** Those to a session, newest first. */
  async list(sessionId: string): Promise<ShareLink[]> {
    const Links = z.object({ shareLinks: z.array(ShareLink) });
    return (await this.#http.call('GET', pathOf(sessionId), Links)).shareLinks;
  }

  /** The answer has the link, this once. */
  create(sessionId: string, input: NewShareLink): Promise<CreatedShareLink> {
    return this.#http.call('POST', pathOf(sessionId), CreatedShareLink, input);
  }

  /** Whoever came by it is out, at once. */
  async revoke(sessionId: string, id: string): Promise<void> {
    await this.#http.request('DELETE', `${pathOf(sessionId)}/${encodeURIComponent(id)}`);
  }

  /** Uses a link. `name`: what somebody without an account is called. */
  redeem(token: string, name?: string): Promise<RedeemedShareLink> {
    const body = { token, ...(name === undefined ? {} : { name }) };
    return this.#http.call('POST', '/api/v1/share-links/redeem', RedeemedShareLink, body);
  }
}

function pathOf(sessionId: string): string {
  return `/api/v1/sessions/${encodeURIComponent(sessionId)}/share-links`;
}
