import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi';
import {
  ApiKey,
  ApiKeyId,
  ApiKeyName,
  MAX_API_KEY_LIFE_MS,
  NewApiKey,
  Scopes,
} from '../../../protocol/messages/api-key.ts';
import { Scope } from '../../../protocol/messages/scopes.ts';
import { drawApiKey } from '../../shared/api-key.ts';
import { keyActor, unwrap, userActor } from '../actors.ts';
import { type GatewayEnv, identityOf, ProblemError } from '../context.ts';
import { forgetKey } from '../../shared/standing.ts';
import { conflict, json, jsonBody, notFound, problems, SIGNED_IN } from './responses.ts';

/** An entry of the list whose key was never made is dropped after so long. */
const ABANDONED_MS = 60_000;

const tags = ['keys'];
const security = SIGNED_IN;
const ApiKeySchema = ApiKey.clone().openapi('ApiKey');
const NewApiKeySchema = NewApiKey.clone().openapi('NewApiKey');
const KeyIdParam = ApiKeyId.clone().openapi({ param: { name: 'keyId', in: 'path' } });
const CreateApiKeySchema = z
  .object({
    name: ApiKeyName,
    scopes: Scopes.openapi({ type: 'array', items: { type: 'string', enum: Scope.options } }),
    expiresInMs: z.int().min(60_000).max(MAX_API_KEY_LIFE_MS).optional(),
  })
  .openapi('CreateApiKey');

const list = createRoute({
  method: 'get',
  path: '/api/v1/keys',
  summary: 'List your API keys',
  tags,
  security,
  responses: { 200: json('Them, oldest first.', z.object({ keys: z.array(ApiKeySchema) })), ...problems },
});

const create = createRoute({
  method: 'post',
  path: '/api/v1/keys',
  summary: 'Make an API key',
  description:
    'For the current workspace, and never for more than you may do there yourself. The answer has the key, ' +
    '`alex_<id>_<secret>`, this once. Send it as a bearer. No key can make, list or revoke keys.',
  tags,
  security,
  request: jsonBody(CreateApiKeySchema, true),
  responses: { 201: json('The key.', NewApiKeySchema), ...problems, ...conflict },
});

const revoke = createRoute({
  method: 'delete',
  path: '/api/v1/keys/{keyId}',
  summary: 'Revoke an API key',
  description: 'Everywhere within 5 seconds.',
  tags,
  security,
  request: { params: z.object({ keyId: KeyIdParam }) },
  responses: { 204: { description: 'Revoked.' }, ...problems, ...notFound },
});

/** Keys by which programs act for a user. */
export function apiKeyRoutes(app: OpenAPIHono<GatewayEnv>): void {
  app.openapi(list, async (c) => {
    const who = identityOf(c);
    const user = userActor(c.env, who);
    const found = await Promise.all(
      (await user.listKeys()).map(async ({ id, addedAtMs }) => {
        const key = await keyActor(c.env, id).describe(who.userId);
        if (key === null && Date.now() - addedAtMs > ABANDONED_MS) await user.removeKey(id);
        return key;
      }),
    );
    return c.json({ keys: found.filter((key) => key !== null) }, 200);
  });

  app.openapi(create, async (c) => {
    const who = identityOf(c);
    const { name, scopes, expiresInMs } = c.req.valid('json');
    if (scopes.includes('operator') && who.operator !== true)
      throw new ProblemError('forbidden', 'Only an operator can make a key with the scope operator.');
    const { key, id, hash } = drawApiKey();
    // Listed first: a key that is not listed could not be revoked.
    unwrap(await userActor(c.env, who).addKey(id));
    const expiresAtMs = expiresInMs === undefined ? null : Date.now() + expiresInMs;
    const made = unwrap(await keyActor(c.env, id).create(who, { id, hash, name, scopes, expiresAtMs }));
    return c.json({ ...made, key }, 201);
  });

  app.openapi(revoke, async (c) => {
    const who = identityOf(c);
    const { keyId } = c.req.valid('param');
    unwrap(await keyActor(c.env, keyId).revoke(who));
    forgetKey(keyId);
    await userActor(c.env, who).removeKey(keyId);
    return c.body(null, 204);
  });
}
