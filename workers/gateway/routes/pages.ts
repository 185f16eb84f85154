import type { OpenAPIHono } from '@hono/zod-openapi';
import type { GatewayContext, GatewayEnv } from '../context.ts';
import { PAGE_POLICY } from '../middleware/security-headers.ts';

/** The API browser. Its script and styles are files of ours, and nothing is inline, so the page policy holds. */
const DOCS_PAGE = `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8" />
    <meta name="viewport" content="width=device-width, initial-scale=1" />
    <title>Alex Edge API</title>
    <link rel="stylesheet" href="/docs-assets/swagger-ui.css" />
  </head>
  <body>
    <div id="docs"></div>
    <script src="/docs-assets/swagger-ui-bundle.js"></script>
    <script src="/docs/start.js"></script>
  </body>
</html>
`;
const DOCS_SCRIPT = `SwaggerUIBundle({ url: '/api/v1/openapi.json', dom_id: '#docs', deepLinking: true, validatorUrl: null });
`;

/** Pages the Worker answers itself or fetches from the static files with headers of its own. */
export function pageRoutes(app: OpenAPIHono<GatewayEnv>): void {
  for (const path of ['/docs', '/docs/']) {
    app.get(path, (c) => c.html(DOCS_PAGE, 200, { 'content-security-policy': PAGE_POLICY }));
  }
  app.get('/docs/start.js', (c) =>
    c.body(DOCS_SCRIPT, 200, { 'content-type': 'text/javascript; charset=utf-8' }),
  );
  app.get('/docs-assets/:file', async (c) => {
    const found = await staticFile(c, new URL(c.req.url).pathname);
    // For a file that is not there the asset store answers the web client's page.
    const isPage = found.headers.get('content-type')?.startsWith('text/html') === true;
    if (!found.ok || isPage) return c.notFound();
    return withHeaders(found, { 'cache-control': 'public, max-age=3600' });
  });
  // The token in the query is spent by the page's POST, never by this GET: link previews fetch it too.
  app.get('/sign-in', async (c) => {
    const { token, ask } = c.req.query();
    if (token !== undefined && ask === undefined && isFromElsewhere(c)) {
      const asking = new URL(c.req.url);
      asking.searchParams.set('ask', '');
      return c.redirect(asking.pathname + asking.search, 303);
    }
    const found = await staticFile(c, '/');
    if (!found.ok) return c.notFound();
    return withHeaders(found, { 'cache-control': 'no-store', 'content-security-policy': PAGE_POLICY });
  });
}

/**
 * Whether another site led here. It may mean to sign a browser in as somebody else, who then sees what is typed, so the page
 * asks first. What a person opens by themselves, also from a terminal, says `none`.
 */
function isFromElsewhere(c: GatewayContext): boolean {
  const site = c.req.header('sec-fetch-site');
  return site === 'cross-site' || site === 'same-site';
}

/** Conditions of the caller are left out: an answer of 304 would lack our headers. */
function staticFile(c: GatewayContext, path: string): Promise<Response> {
  return c.env.ASSETS.fetch(new Request(new URL(path, c.req.url), { method: c.req.method }));
}

function withHeaders(found: Response, headers: Record<string, string>): Response {
  const response = new Response(found.body, found);
  for (const [name, value] of Object.entries(headers)) response.headers.set(name, value);
  return response;
}
