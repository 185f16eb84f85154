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
  app.get('/docs', (c) => {
    c.header('content-security-policy', PAGE_POLICY);
    return c.html(DOCS_PAGE);
  });
  app.get('/docs/start.js', (c) =>
    c.body(DOCS_SCRIPT, 200, { 'content-type': 'text/javascript; charset=utf-8' }),
  );
  app.get('/docs-assets/:file', async (c) =>
    staticFile(c, new URL(c.req.url).pathname, 'public, max-age=3600'),
  );
  // The token in the query is spent by the page's POST, never by this GET: link previews fetch it too.
  app.get('/sign-in', async (c) => {
    c.header('content-security-policy', PAGE_POLICY);
    return staticFile(c, '/', 'no-store');
  });
}

async function staticFile(c: GatewayContext, path: string, cacheControl: string): Promise<Response> {
  const found = await c.env.ASSETS.fetch(new Request(new URL(path, c.req.url), { method: c.req.method }));
  // For a file that is not there the asset store answers the web client's page; under /docs-assets that is a miss.
  const page = found.headers.get('content-type')?.startsWith('text/html') === true;
  if (!found.ok || (page && path !== '/')) return c.notFound();
  const response = new Response(found.body, found);
  response.headers.set('cache-control', cacheControl);
  return response;
}
