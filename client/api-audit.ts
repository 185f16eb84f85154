import { AuditPage, type AuditQuery } from '../protocol/audit/query.ts';
import { type ApiTransport, queryOf } from './api-transport.ts';

export type { AuditPage, AuditQuery } from '../protocol/audit/query.ts';
export type { AuditRow } from '../protocol/audit/row.ts';

/** Longest an export may take. */
const EXPORT_TIMEOUT_MS = 10 * 60_000;

/** Whose log: the current workspace's, or `deployment`, for operators. */
export interface WhichAudit {
  stream?: 'deployment';
}

/** The typed HTTP API of the audit log, for owners and admins. Calls throw as those of `Api` do. */
export class AuditApi {
  readonly #http: ApiTransport;

  constructor(http: ApiTransport) {
    this.#http = http;
  }

  /** A page, newest first; `cursor` is the `nextCursor` of the page before. */
  list(query: AuditQuery & WhichAudit = {}): Promise<AuditPage> {
    return this.#http.call('GET', `/api/v1/audit?${queryOf({ ...query })}`, AuditPage);
  }

  /** The rows after `since`, oldest first, as text to be read from the answer's body. */
  export(options: WhichAudit & { format?: 'jsonl' | 'csv'; since?: number } = {}): Promise<Response> {
    const path = `/api/v1/audit/export?${queryOf({ ...options })}`;
    return this.#http.request('GET', path, undefined, {}, EXPORT_TIMEOUT_MS);
  }
}
