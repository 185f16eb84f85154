import { z } from '@hono/zod-openapi';
import { issueAccessToken } from '../shared/auth.ts';
import type { DeviceFacts, DeviceGrant, SignIn } from '../shared/devices-rpc.ts';
import { createLogger } from '../shared/log.ts';
import { isOperator } from '../shared/operators.ts';
import { MAX_REFRESH_TOKEN_CHARS } from '../shared/refresh-token.ts';
import type { Identity } from '../shared/rpc.ts';
import { userActor, workspaceActor } from './actors.ts';
import type { GatewayContext } from './context.ts';
import { setTokenCookies } from './cookies.ts';
import { MAX_USER_AGENT_CHARS, oneLine } from './device-label.ts';

const log = createLogger('gateway');

export const UserSchema = z
  .object({
    userId: z.string(),
    displayName: z.string(),
    workspaceId: z.string(),
    /** Runs this deployment. */
    operator: z.boolean().optional(),
  })
  .openapi('User');

/** Answer of every sign-in. A browser has the tokens in cookies, where no script can read them, and not in the answer. */
export const SignedInSchema = z
  .object({
    accessToken: z.string().optional(),
    expiresAt: z.iso.datetime(),
    refreshToken: z.string().optional(),
    /** Then the refresh token ends when it is not used. */
    refreshExpiresAt: z.iso.datetime(),
    deviceId: z.string(),
    user: UserSchema,
  })
  .openapi('SignedIn');
export type SignedIn = z.infer<typeof SignedInSchema>;

/** Body of what acts with a refresh token: a program has it there, a browser in its cookie. */
export const RefreshTokenBody = z.object({
  refreshToken: z.string().min(1).max(MAX_REFRESH_TOKEN_CHARS).optional(),
});

/** What a request says of the device it comes from. */
export function deviceFacts(c: GatewayContext): DeviceFacts {
  return {
    userAgent: oneLine(c.req.header('user-agent') ?? '', MAX_USER_AGENT_CHARS),
    address: c.get('address') ?? '',
    requestId: c.get('requestId'),
  };
}

/** Signs a user in on a new device. Null: what the sign-in was to spend was spent before. */
export async function signInDevice(
  c: GatewayContext,
  userId: string,
  input: Omit<SignIn, keyof DeviceFacts>,
): Promise<DeviceGrant | null> {
  const { displayName, workspaceId } = input;
  const actor = userActor(c.env, { userId, displayName, workspaceId });
  const grant = await actor.signIn({ ...input, ...deviceFacts(c) });
  if (grant !== null) noteSignIn(c, { userId, displayName: grant.displayName, workspaceId });
  return grant;
}

/** Makes the access token that goes with a grant. `to`: who gets the tokens, a browser as cookies or a program. */
export async function grantTokens(
  c: GatewayContext,
  userId: string,
  grant: DeviceGrant,
  to: 'browser' | 'program',
): Promise<SignedIn> {
  const who: Identity = {
    ...{ userId, displayName: grant.displayName, workspaceId: grant.workspaceId },
    ...(isOperator(c.env.OPERATORS, userId) ? { operator: true } : {}),
    credential: { kind: 'device', id: grant.deviceId },
    authenticatedAtMs: grant.authenticatedAtMs,
  };
  const { token, expiresAt } = await issueAccessToken(c.env, who);
  const refresh = { token: grant.refreshToken, expiresAtMs: grant.refreshExpiresAtMs };
  if (to === 'browser')
    setTokenCookies(c, { access: { token, expiresAtMs: Date.parse(expiresAt) }, refresh });
  return {
    ...(to === 'program' ? { accessToken: token, refreshToken: refresh.token } : {}),
    ...{ expiresAt, refreshExpiresAt: new Date(refresh.expiresAtMs).toISOString() },
    ...{ deviceId: grant.deviceId, user: UserSchema.parse(who) },
  };
}

/**
 * Who gets the tokens: every browser sends Origin with a POST, and no script of a page can leave it out, so none can ask
 * for tokens that it could read.
 */
export function receiver(c: GatewayContext): 'browser' | 'program' {
  return c.req.header('origin') === undefined ? 'program' : 'browser';
}

/** For the directory. Nobody waits for it; who is not told of now is told of at the next sign-in. */
function noteSignIn(c: GatewayContext, who: Identity): void {
  const told = workspaceActor(c.env, who.workspaceId).signedIn({ ...who, at: new Date().toISOString() });
  const requestId = c.get('requestId');
  c.executionCtx.waitUntil(
    told.catch((error: unknown) => log('warn', 'sign-in not noted', { requestId, error: String(error) })),
  );
}
