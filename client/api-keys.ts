import { z } from 'zod';
import { ApiKey, NewApiKey } from '../protocol/messages/api-key.ts';
import type { Scope } from '../protocol/messages/scopes.ts';
import type { ApiTransport } from './api-transport.ts';

const ROOT = '/api/v1/keys';

/** The typed HTTP API of one's API keys. Calls throw as those of `Api` do. */
export class KeysApi {
  readonly #http: ApiTransport;

  constructor(http: ApiTransport) {
    this.#http = http;
  }

  /** One's own, of all workspaces, oldest first. */
  async list(): Promise<ApiKey[]> {
    return (await this.#http.call('GET', ROOT, z.object({ keys: z.array(ApiKey) }))).keys;
  }

  /** A key for the current workspace. Its secret is in this answer and nowhere else. */
  create(input: { name: string; scopes: Scope[]; expiresInMs?: number }): Promise<NewApiKey> {
    return this.#http.call('POST', ROOT, NewApiKey, input);
  }

  /** Ends a key, everywhere within five seconds. */
  async revoke(id: string): Promise<void> {
    await this.#http.request('DELETE', `${ROOT}/${encodeURIComponent(id)}`);
  }
}
