import { Deletion, DeletionProgress } from '../protocol/messages/deletion.ts';
import type { ApiTransport } from './api-transport.ts';

/** Longest an export may take. */
const EXPORT_TIMEOUT_MS = 10 * 60_000;

/** The typed HTTP API of exports and deletion. Calls throw as those of `Api` do. */
export class DeletionApi {
  readonly #http: ApiTransport;

  constructor(http: ApiTransport) {
    this.#http = http;
  }

  /** Everything held of a workspace as JSON lines; whole only when the last is of type `end`. */
  async exportWorkspace(id: string): Promise<ReadableStream<Uint8Array>> {
    return bodyOf(
      await this.#http.request('GET', `${workspacePath(id)}/export`, undefined, {}, EXPORT_TIMEOUT_MS),
    );
  }

  /** The same of one's own account. */
  async exportAccount(): Promise<ReadableStream<Uint8Array>> {
    return bodyOf(
      await this.#http.request('GET', '/api/v1/account/export', undefined, {}, EXPORT_TIMEOUT_MS),
    );
  }

  /** `confirm`: its name. */
  deleteWorkspace(id: string, confirm: string): Promise<Deletion> {
    return this.#http.call('DELETE', workspacePath(id), Deletion, { confirm });
  }

  /** `confirm`: one's user id. */
  deleteAccount(confirm: string): Promise<Deletion> {
    return this.#http.call('DELETE', '/api/v1/account', Deletion, { confirm });
  }

  /** How far a deletion is; nobody has to be signed in. */
  progress({ of, id, token }: Deletion): Promise<DeletionProgress> {
    return this.#http.call('POST', '/api/v1/deletions/status', DeletionProgress, { of, id, token });
  }
}

function workspacePath(id: string): string {
  return `/api/v1/workspaces/${encodeURIComponent(id)}`;
}

function bodyOf(response: Response): ReadableStream<Uint8Array> {
  if (response.body === null) throw new TypeError('an answer without a body');
  return response.body;
}
