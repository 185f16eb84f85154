import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi';
import { prometheusText } from '../../metrics-do/prometheus.ts';
import { readMetrics } from '../../metrics-do/metrics-client.ts';
import { regionActor } from '../actors.ts';
import { type GatewayEnv, requireOperator } from '../context.ts';
import { flush } from '../metrics-recorder.ts';
import { json, problems, SIGNED_IN } from './responses.ts';

const PROMETHEUS_TYPE = 'text/plain; version=0.0.4; charset=utf-8';

const healthz = createRoute({
  method: 'get',
  path: '/healthz',
  summary: 'Whether the edge answers',
  tags: ['operations'],
  responses: { 200: json('It does.', z.object({ status: z.literal('ok') })) },
});

const metrics = createRoute({
  method: 'get',
  path: '/metrics',
  summary: 'Counters in the Prometheus text format',
  description: 'For operators; a scraper has an access token of one as its bearer.',
  tags: ['operations'],
  security: SIGNED_IN,
  responses: {
    200: { description: 'The metrics.', content: { 'text/plain': { schema: z.string() } } },
    ...problems,
  },
});

/** Liveness and metrics. */
export function operationsRoutes(app: OpenAPIHono<GatewayEnv>): void {
  app.openapi(healthz, (c) => c.json({ status: 'ok' as const }, 200));

  app.openapi(metrics, async (c) => {
    requireOperator(c);
    await flush(c.env);
    const [series, hosts] = await Promise.all([
      readMetrics(c.env.METRICS),
      regionActor(c.env, c.env.DEFAULT_REGION).hosts(),
    ]);
    return c.text(prometheusText(series, hosts), 200, { 'content-type': PROMETHEUS_TYPE });
  });
}
