import { z } from 'zod';
import { SharedRenewal, type TokenSource } from './token-source.ts';

/** Longest one request may take. */
export const REQUEST_TIMEOUT_MS = 30_000;
/** Names the workspace a request is about. */
const WORKSPACE_HEADER = 'alex-workspace';

const Problem = z.object({ status: z.int(), code: z.string(), detail: z.string(), requestId: z.string() });

/** The API said no. `code` is one of the error codes of the protocol, or `unexpected` for an answer not of ours. */
export class ApiError extends Error {
  readonly status: number;
  readonly code: string;
  readonly requestId: string | null;
  /** Milliseconds after which the API asked to be tried again; 0 when it did not say. */
  readonly retryAfterMs: number;

  constructor(
    status: number,
    code: string,
    detail: string,
    requestId: string | null,
    retryAfterMs: number = 0,
  ) {
    super(detail);
    this.name = 'ApiError';
    this.status = status;
    this.code = code;
    this.requestId = requestId;
    this.retryAfterMs = retryAfterMs;
  }
}

/** What the API needs of `fetch`. */
export type FetchFunction = (url: string, init?: RequestInit) => Promise<Response>;

/** Requests and their answers. Throws {@link ApiError} on a refusal and TypeError or DOMException when nobody answers. */
export class ApiTransport {
  readonly baseUrl: string;
  /** The workspace requests are about; null: the one the credential names. */
  workspaceId: string | null = null;
  readonly #tokens: TokenSource;
  readonly #renewal: SharedRenewal;
  readonly #fetch: FetchFunction;

  constructor(baseUrl: string, tokens: TokenSource, fetchBy: FetchFunction) {
    this.baseUrl = baseUrl;
    this.#tokens = tokens;
    this.#renewal = new SharedRenewal(tokens);
    this.#fetch = fetchBy;
  }

  /** A request whose answer has a body. */
  async call<S extends z.ZodType>(
    method: string,
    path: string,
    schema: S,
    body?: unknown,
    headers: Record<string, string> = {},
  ): Promise<z.infer<S>> {
    const response = await this.request(method, path, body, headers);
    const parsed = schema.safeParse(await response.json().catch(() => null));
    if (parsed.success) return parsed.data;
    throw new ApiError(
      response.status,
      'unexpected',
      `${this.baseUrl} does not answer as Alex Edge does.`,
      null,
    );
  }

  /** A request of which only success matters, or whose body is read by the caller, within `timeoutMs` altogether. */
  async request(
    method: string,
    path: string,
    body?: unknown,
    headers: Record<string, string> = {},
    timeoutMs = REQUEST_TIMEOUT_MS,
  ): Promise<Response> {
    const renewals = this.#renewal.count;
    let response = await this.#send(method, path, body, headers, timeoutMs);
    // A request that was not let in did nothing, so it may be sent again.
    if (response.status === 401 && (await this.#renewal.after(renewals)))
      response = await this.#send(method, path, body, headers, timeoutMs);
    if (response.ok) return response;
    const problem = Problem.safeParse(await response.json().catch(() => null));
    if (!problem.success) {
      throw new ApiError(response.status, 'unexpected', `${this.baseUrl} answered ${response.status}.`, null);
    }
    const { code, detail, requestId } = problem.data;
    const retryAfterMs = 1000 * Number(response.headers.get('retry-after') ?? 0);
    throw new ApiError(
      response.status,
      code,
      detail,
      requestId,
      Number.isFinite(retryAfterMs) ? retryAfterMs : 0,
    );
  }

  #send(
    method: string,
    path: string,
    body: unknown,
    headers: Record<string, string>,
    timeoutMs: number,
  ): Promise<Response> {
    const { token } = this.#tokens;
    return this.#fetch(new URL(path, this.baseUrl).href, {
      method,
      headers: {
        ...headers,
        ...(this.workspaceId === null ? {} : { [WORKSPACE_HEADER]: this.workspaceId }),
        ...(token === null ? {} : { authorization: `Bearer ${token}` }),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(timeoutMs),
    });
  }
}

/** Parameters as a query without its question mark; what is undefined is left out. */
export function queryOf(parameters: Readonly<Record<string, string | number | undefined>>): string {
  const given = Object.entries(parameters).filter(([, value]) => value !== undefined);
  return new URLSearchParams(given.map(([key, value]) => [key, String(value)])).toString();
}
