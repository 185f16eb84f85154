import { createExecutionContext, env, waitOnExecutionContext } from 'cloudflare:test';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { createApp } from './app.ts';
import { originAllowed } from './origins.ts';
import { ask, createSession, expectProblem, newUser, ORIGIN, tokenFor } from '../testing/api.ts';

describe('every answer', () => {
  it('has a request id, the caller’s when it is plain', async () => {
    const own = await ask('/healthz', { headers: { 'x-request-id': 'trace-12345678' } });
    expect(own.headers.get('x-request-id')).toBe('trace-12345678');
    for (const odd of ['short', 'x'.repeat(65), 'with space in it', '<script>alert</script>']) {
      const made = await ask('/healthz', { headers: { 'x-request-id': odd } });
      expect(made.headers.get('x-request-id')).toMatch(/^[A-Za-z0-9_-]{16}$/);
    }
  });

  it.each([
    '/healthz',
    '/docs',
    '/docs/start.js',
    '/api/v1/openapi.json',
    '/api/v1/sessions',
    '/nowhere',
    '/sign-in',
  ])('has the security headers at %s', async (path) => {
    const { headers } = await ask(path);
    expect(headers.get('content-security-policy')).toContain("frame-ancestors 'none'");
    expect(headers.get('content-security-policy')).toContain("default-src 'none'");
    expect(headers.get('content-security-policy')).not.toMatch(/script-src[^;]*unsafe/);
    expect(headers.get('x-content-type-options')).toBe('nosniff');
    expect(headers.get('referrer-policy')).toBe('no-referrer');
    expect(headers.get('strict-transport-security')).not.toBeNull();
  });
});

describe('a sign-in link', () => {
  const open = (query: string, site: string): Promise<Response> =>
    ask(`/sign-in?${query}`, { headers: { 'sec-fetch-site': site } });

  it.each(['cross-site', 'same-site'])(
    'that another site leads to (%s) is asked about first',
    async (site) => {
      const led = await open('token=abc', site);
      expect(led.status).toBe(303);
      expect(led.headers.get('location')).toBe('/sign-in?token=abc&ask=');
      expect((await open('token=abc&ask=', site)).status).toBe(200);
    },
  );

  it.each(['none', 'same-origin'])('that is opened by its owner (%s) is not', async (site) => {
    expect((await open('token=abc', site)).status).toBe(200);
  });
});

describe('where nothing is', () => {
  it('answers 404, and 405 with what is allowed', async () => {
    await expectProblem(await ask('/api/v1/nope', { token: await tokenFor() }), 404, 'not-found');
    await expectProblem(await ask('/healthz/nope'), 404, 'not-found');
    const token = await tokenFor();
    const put = await ask('/api/v1/sessions', { method: 'PUT', token, body: {} });
    expect(put.headers.get('allow')).toBe('GET, POST');
    await expectProblem(put, 405, 'method-not-allowed');
    const post = await ask('/healthz', { method: 'POST' });
    expect(post.headers.get('allow')).toBe('GET');
    await expectProblem(post, 405, 'method-not-allowed');
  });
});

describe('origins', () => {
  it.each([
    [null, '', true],
    ['https://edge.test', '', true],
    ['http://edge.test', '', false],
    ['https://edge.test:8443', '', false],
    ['https://a.test', 'https://a.test, https://b.test', true],
    ['https://b.test', 'https://a.test, https://b.test', true],
    ['https://c.test', 'https://a.test,https://b.test', false],
    ['null', 'null', false],
    ['', '', false],
  ])('%s with %s: %s', (origin, setting, allowed) => {
    expect(originAllowed(origin, 'https://edge.test/x', setting)).toBe(allowed);
  });

  it('preflights: own origin yes, foreign no', async () => {
    const preflight = (origin: string) =>
      ask('/api/v1/sessions', {
        method: 'OPTIONS',
        headers: { origin, 'access-control-request-method': 'POST' },
      });
    expect((await preflight(ORIGIN)).status).toBe(204);
    const foreign = await preflight('https://evil.test');
    expect(foreign.headers.get('access-control-allow-origin')).toBeNull();
    await expectProblem(foreign, 403, 'forbidden');
  });
});

it('a preflight is told the methods of the routes there, and the headers they take', async () => {
  const routes = createApp().routes.filter(({ method }) => method !== 'ALL');
  for (const path of new Set(routes.map((route) => route.path))) {
    const headers = { origin: ORIGIN, 'access-control-request-method': 'POST' };
    const answer = await ask(path.replaceAll(/:[a-zA-Z]+/g, 'x'), { method: 'OPTIONS', headers });
    const allowed = answer.headers.get('access-control-allow-methods')?.split(', ') ?? [];
    for (const { method } of routes.filter((route) => route.path === path))
      expect(allowed, `${method} ${path}`).toContain(method);
    expect(answer.headers.get('access-control-allow-headers')).toContain('alex-workspace');
  }
});

describe('terminals and tickets', () => {
  const Ticket = z.object({ ticket: z.string().min(22), expiresAt: z.iso.datetime(), url: z.string() });

  it('opens a terminal once per request id, on both paths', async () => {
    const token = await tokenFor(newUser());
    const { id } = await createSession(token);
    const body = { size: { cols: 100, rows: 30 }, requestId: 'open-1' };
    const first = await ask(`/api/v1/sessions/${id}/terminals`, { method: 'POST', token, body });
    const again = await ask(`/api/v1/terminal?session=${id}`, { method: 'POST', token, body });
    expect([first.status, again.status]).toEqual([201, 201]);
    const Terminal = z.object({ channel: z.int(), cols: z.int(), rows: z.int() });
    const terminal = Terminal.parse(await first.json());
    expect(terminal).toEqual({ channel: terminal.channel, cols: 100, rows: 30 });
    expect(Terminal.parse(await again.json()).channel).toBe(terminal.channel);
    const byPath = await (await ask(`/api/v1/sessions/${id}/terminals`, { token })).text();
    const byAlias = await (await ask(`/api/v1/terminal?session=${id}`, { token })).text();
    expect(byAlias).toBe(byPath);
    expect(z.object({ terminals: z.array(Terminal) }).parse(JSON.parse(byPath)).terminals).toHaveLength(1);
  });

  it('refuses bad sizes, channels and sessions', async () => {
    const token = await tokenFor(newUser());
    const { id } = await createSession(token);
    const open = (body: unknown) => ask(`/api/v1/sessions/${id}/terminals`, { method: 'POST', token, body });
    await expectProblem(await open({ size: { cols: 0, rows: 1 } }), 400, 'invalid-request');
    await expectProblem(await open({ size: { cols: 1e9, rows: 1 } }), 400, 'invalid-request');
    await expectProblem(await open({ command: [] }), 400, 'invalid-request');
    const close = (channel: string) =>
      ask(`/api/v1/sessions/${id}/terminals/${channel}`, { method: 'DELETE', token });
    for (const channel of ['0', '-1', 'x', '1.5', '99999999999', '4294967296']) {
      await expectProblem(await close(channel), 400, 'invalid-request');
    }
    expect((await close('9')).status).toBe(404);
    await expectProblem(await ask('/api/v1/terminal', { token }), 400, 'invalid-request');
  });

  it('mints a ticket with the address to use it at', async () => {
    const token = await tokenFor(newUser());
    const { id } = await createSession(token);
    const response = await ask(`/api/v1/sessions/${id}/tickets`, { method: 'POST', token });
    expect(response.status).toBe(201);
    const ticket = Ticket.parse(await response.json());
    expect(ticket.url).toBe(`wss://edge.test/ws/v1/sessions/${id}`);
    const lifeMs = Date.parse(ticket.expiresAt) - Date.now();
    expect(lifeMs).toBeGreaterThan(20_000);
    expect(lifeMs).toBeLessThanOrEqual(30_000);
  });
});

describe('static files', () => {
  /** Asks an app whose asset store has one page and one script, and answers the page for everything else. */
  async function askStatic(path: string): Promise<Response> {
    const ASSETS = {
      fetch: async (request: Request) =>
        new URL(request.url).pathname === '/docs-assets/swagger-ui-bundle.js'
          ? new Response('script', { headers: { 'content-type': 'text/javascript' } })
          : new Response('<!doctype html>', { headers: { 'content-type': 'text/html' } }),
    };
    const ctx = createExecutionContext();
    const response = await createApp().fetch(new Request(`${ORIGIN}${path}`), { ...env, ASSETS }, ctx);
    await waitOnExecutionContext(ctx);
    return response;
  }

  it('the sign-in page may run our scripts, and is not stored', async () => {
    const page = await askStatic('/sign-in?token=x');
    expect(page.status).toBe(200);
    expect(page.headers.get('content-security-policy')).toContain("script-src 'self'");
    expect(page.headers.get('cache-control')).toBe('no-store');
    expect(page.headers.get('referrer-policy')).toBe('no-referrer');
  });

  it('a file of the API browser is served; one that is not there is not the page', async () => {
    expect(await (await askStatic('/docs-assets/swagger-ui-bundle.js')).text()).toBe('script');
    await expectProblem(await askStatic('/docs-assets/none.js'), 404, 'not-found');
  });

  it('the API browser may run our scripts', async () => {
    for (const path of ['/docs', '/docs/']) {
      expect((await ask(path)).headers.get('content-security-policy')).toContain("script-src 'self'");
    }
  });
});

describe('the OpenAPI document', () => {
  const Document = z.object({
    openapi: z.literal('3.1.0'),
    info: z.object({ title: z.string(), version: z.string() }),
    paths: z.record(
      z.string().startsWith('/'),
      z.record(z.string(), z.object({ summary: z.string(), responses: z.record(z.string(), z.unknown()) })),
    ),
    components: z.object({ schemas: z.record(z.string(), z.unknown()) }),
  });

  it('lists every API route, resolves its references and is public', async () => {
    const response = await ask('/api/v1/openapi.json');
    expect(response.status).toBe(200);
    const text = await response.text();
    const document = Document.parse(JSON.parse(text));
    const listed = Object.entries(document.paths).flatMap(([path, operations]) =>
      Object.keys(operations).map((method) => `${method.toUpperCase()} ${path}`),
    );
    const routed = createApp()
      .routes.filter(
        ({ method, path }) => method !== 'ALL' && /^\/(api|healthz|metrics|\.well-known)/.test(path),
      )
      .map(({ method, path }) => `${method} ${path.replace(/:([^/{]+)(\{[^}]*\})?/g, '{$1}')}`)
      .filter((route) => route !== 'GET /api/v1/openapi.json');
    expect([...new Set(routed)].sort()).toEqual([...listed].sort());
    expect(listed.length).toBeGreaterThanOrEqual(18);
    for (const [, name] of text.matchAll(/"#\/components\/schemas\/([^"]+)"/g)) {
      expect(document.components.schemas).toHaveProperty(name ?? '');
    }
    expect(text).toContain('"#/components/schemas/Problem"');
  });

  it('is browsable without anything from elsewhere', async () => {
    const page = await (await ask('/docs')).text();
    expect(page).toContain('/docs-assets/swagger-ui-bundle.js');
    expect(page).not.toMatch(/https?:\/\//);
    expect((await ask('/docs/start.js')).headers.get('content-type')).toContain('text/javascript');
  });
});
