import type { OpenAPIHono } from '@hono/zod-openapi';
import { z } from 'zod';
import type { Env } from '../shared/env.ts';
import type { GatewayEnv } from './context.ts';

/** Types of pages and long answers that are sent compressed; small ones of the API are not worth it. */
const COMPRESSIBLE =
  /^(?:text\/(?:html|css|javascript|csv)|application\/(?:javascript|x-ndjson)|image\/svg\+xml)\b/;

/**
 * What a Worker does besides its own work when no platform stands before it: it serves the pages, compresses them, and
 * believes the proxy that ends TLS for it.
 */
export function directEntry(app: OpenAPIHono<GatewayEnv>) {
  return {
    async fetch(request: Request, env: Env, ctx: ExecutionContext): Promise<Response> {
      const asked = asSentBy(request);
      const own = isOwn(env.WORKER_PATHS ?? '[]', pathOf(asked.url));
      return compressed(asked, own ? await app.fetch(asked, env, ctx) : await env.ASSETS.fetch(asked));
    },
  };
}

/** The request with the scheme that the client used. Who lies about that deceives nobody but itself. */
function asSentBy(request: Request): Request {
  const [scheme] = request.headers.get('x-forwarded-proto')?.split(',') ?? [];
  if (scheme?.trim() !== 'https' || !request.url.startsWith('http:')) return request;
  return new Request(request.url.replace(/^http:/, 'https:'), request);
}

/** The path in a normalised URL, without making an object of it. */
function pathOf(url: string): string {
  const from = url.indexOf('/', url.indexOf('://') + 3);
  const [path] = url.slice(from).split(/[?#]/, 1);
  return path ?? '/';
}

let parsed: { text: string; matches: (path: string) => boolean } | null = null;

/** Whether a path is the Worker's by `patterns`, a JSON list of paths of which some end in `*`. */
function isOwn(patterns: string, path: string): boolean {
  if (parsed?.text !== patterns) {
    const list = z.array(z.string()).parse(JSON.parse(patterns));
    const prefixes = list.flatMap((pattern) => (pattern.endsWith('*') ? pattern.slice(0, -1) : []));
    const matches = (asked: string): boolean =>
      list.includes(asked) || prefixes.some((prefix) => asked.startsWith(prefix));
    parsed = { text: patterns, matches };
  }
  return parsed.matches(path);
}

/** The answer as it is sent; workerd compresses what says that it is. */
function compressed(request: Request, response: Response): Response {
  const { headers } = response;
  const worthIt = response.body !== null && COMPRESSIBLE.test(headers.get('content-type') ?? '');
  if (!worthIt || headers.has('content-encoding') || request.method !== 'GET') return response;
  const accepted = request.headers.get('accept-encoding') ?? '';
  const answer = new Response(response.body, response);
  answer.headers.append('vary', 'accept-encoding');
  if (!/\bgzip\b(?!;\s*q=0(?:\.0+)?(?:,|$))/.test(accepted)) return answer;
  answer.headers.delete('content-length');
  answer.headers.set('content-encoding', 'gzip');
  const etag = headers.get('etag');
  if (etag?.startsWith('"') === true) answer.headers.set('etag', `W/${etag}`);
  return answer;
}
