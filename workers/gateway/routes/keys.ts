import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi';
import { jwks, KEYS_MAX_AGE_MS } from '../../shared/keyring.ts';
import type { GatewayEnv } from '../context.ts';
import { json } from './responses.ts';

const KeySetSchema = z
  .object({
    keys: z.array(
      z.looseObject({ kty: z.literal('OKP'), crv: z.literal('Ed25519'), x: z.string(), kid: z.string() }),
    ),
  })
  .openapi('JsonWebKeySet');

const keySet = createRoute({
  method: 'get',
  path: '/.well-known/jwks.json',
  summary: 'The public keys that access tokens are signed with',
  description:
    'A JSON Web Key Set (RFC 7517). A key is here an hour before it signs and until its last token has ended.',
  tags: ['auth'],
  responses: { 200: json('The keys.', KeySetSchema) },
});

/** Public keys, for whoever wants to verify our tokens. */
export function keyRoutes(app: OpenAPIHono<GatewayEnv>): void {
  app.openapi(keySet, async (c) => {
    c.header('cache-control', `public, max-age=${KEYS_MAX_AGE_MS / 1000}`);
    return c.json(KeySetSchema.parse(await jwks(c.env)), 200);
  });
}
