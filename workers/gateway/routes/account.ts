import { createRoute, type OpenAPIHono } from '@hono/zod-openapi';
import type { Account } from '../../../protocol/messages/account.ts';
import type { AccountRecord } from '../../shared/account-rpc.ts';
import { userActor } from '../actors.ts';
import { type GatewayContext, type GatewayEnv, identityOf } from '../context.ts';
import { oidcProviders } from '../oidc/settings.ts';
import { forgetName } from '../../shared/standing.ts';
import { json, jsonBody, problems, SIGNED_IN } from './responses.ts';
import { AccountSchema, ChangeAccountSchema } from './schemas.ts';

const tags = ['account'];
const security = SIGNED_IN;
const PATH = '/api/v1/account';

const read = createRoute({
  method: 'get',
  path: PATH,
  summary: 'What you are called, and how you sign in',
  tags,
  security,
  responses: { 200: json('Your account.', AccountSchema), ...problems },
});

const change = createRoute({
  method: 'patch',
  path: PATH,
  summary: 'Change what you are called',
  description:
    'Your own name is used instead of the one your sign-in says, until you set it to null. Others see it within five seconds, and ' +
    'those in a session with you from your next connection on.',
  tags,
  security,
  request: jsonBody(ChangeAccountSchema, true),
  responses: { 200: json('Your account.', AccountSchema), ...problems },
});

/** Who one is, to oneself and to others. */
export function accountRoutes(app: OpenAPIHono<GatewayEnv>): void {
  app.openapi(read, async (c) => {
    const who = identityOf(c);
    return c.json(toAccount(c, await userActor(c.env, who).account()), 200);
  });

  app.openapi(change, async (c) => {
    const who = identityOf(c);
    const { displayName } = c.req.valid('json');
    const changed = await userActor(c.env, who).renameUser(who, displayName);
    forgetName(who.userId);
    return c.json(toAccount(c, changed), 200);
  });
}

function toAccount(c: GatewayContext, record: AccountRecord): Account {
  const { userId, displayName } = identityOf(c);
  const { chosenName, signInName, identities } = record;
  const providers = oidcProviders(c.env.OIDC_PROVIDERS);
  return {
    ...{ userId, chosenName, signInName, displayName: chosenName ?? signInName ?? displayName },
    identities: identities.map(({ issuer, email, createdAt, lastUsedAt, providerId }) => ({
      issuer,
      provider: providers.find(({ id }) => id === providerId)?.label ?? null,
      ...{ email, createdAt, lastUsedAt },
    })),
  };
}
