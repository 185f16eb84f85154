import type { OpenAPIHono } from '@hono/zod-openapi';
import type { GatewayEnv } from './context.ts';
import { SECURE_PREFIX } from './cookies.ts';

/** Serves the OpenAPI document, generated from the routes' own schemas. */
export function describeApi(app: OpenAPIHono<GatewayEnv>): void {
  app.openAPIRegistry.registerComponent('securitySchemes', 'bearer', {
    type: 'http',
    scheme: 'bearer',
    bearerFormat: 'JWT',
  });
  app.openAPIRegistry.registerComponent('securitySchemes', 'cookie', {
    type: 'apiKey',
    in: 'cookie',
    name: `${SECURE_PREFIX}alex_access`,
  });
  app.doc31('/api/v1/openapi.json', (c) => ({
    openapi: '3.1.0',
    info: {
      title: 'Alex Edge',
      version: '1',
      description:
        'Terminals in sandboxes at the edge. Errors are `application/problem+json`; every answer has `x-request-id`. ' +
        'Terminal bytes travel on a WebSocket: get a ticket, then connect.',
    },
    servers: [{ url: new URL(c.req.url).origin }],
  }));
}
