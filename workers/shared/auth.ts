import { decodeProtectedHeader, jwtVerify, SignJWT } from 'jose';
import { z } from 'zod';
import type { Env } from './env.ts';
import { randomId } from './ids.ts';
import { bootstrapPair, currentSigner, verificationKey } from './keyring.ts';
import type { Identity } from './rpc.ts';

/** Who signs, and what each kind of token is good for. */
export const TOKEN_ISSUER = 'alex-edge';
export const ACCESS_AUDIENCE = 'alex-edge-api';
export const SIGN_IN_AUDIENCE = 'alex-edge-sign-in';
/** Type of an access token's header (RFC 9068), which keeps other tokens from being taken for one (RFC 8725, 3.11). */
const ACCESS_TYPE = 'at+jwt';
/** Life of an access token, in the cookie or as a bearer; it is renewed with a refresh token. */
export const ACCESS_TOKEN_TTL_MS = 10 * 60_000;
/** Life of a sign-in link nobody used. */
export const SIGN_IN_TOKEN_TTL_MS = 24 * 3_600_000;
/** Clocks of issuer and verifier may differ by so many seconds. */
export const CLOCK_TOLERANCE_S = 5;
/** Longest token looked at; ours are about 500 characters. */
export const MAX_TOKEN_CHARS = 4_096;

/** The one user of a deployment without a user directory. */
export const LOCAL_USER: Identity = {
  ...{ userId: 'local', displayName: 'Local user', workspaceId: 'local' },
  operator: true,
};

/** What is not optional is in every token of ours (RFC 7519, 4.1; RFC 9068, 2.2). */
const Claims = z.object({
  sub: z.string().min(1).max(200),
  name: z.string().max(200),
  ws: z.string().min(1).max(200),
  /** The bearer is an operator of the deployment. */
  op: z.literal(true).optional(),
  /** The device the token was given to; absent in tokens that the configured key signed. */
  did: z.string().min(16).max(64).optional(),
  /** When the person last proved who they are, in seconds since the epoch. */
  auth_time: z.number().optional(),
  jti: z.string().min(16).max(64),
  exp: z.number(),
});
type Claims = z.infer<typeof Claims>;

/** A verified token: who, its id, and when it ends (milliseconds since the epoch). */
export interface VerifiedToken {
  identity: Identity;
  jti: string;
  expiresAtMs: number;
}

/** A fresh token and when it ends. */
export interface IssuedToken {
  token: string;
  expiresAt: string;
}

interface Kind {
  audience: typeof ACCESS_AUDIENCE | typeof SIGN_IN_AUDIENCE;
  type?: typeof ACCESS_TYPE;
}

async function sign(
  signer: { kid: string; key: CryptoKey },
  who: Identity,
  { audience, type }: Kind,
  ttlMs: number,
): Promise<IssuedToken> {
  const issuedAtS = Math.floor(Date.now() / 1000);
  const expiresAtS = issuedAtS + Math.floor(ttlMs / 1000);
  const { credential, authenticatedAtMs } = who;
  const token = await new SignJWT({
    name: who.displayName,
    ws: who.workspaceId,
    ...(who.operator === true ? { op: true } : {}),
    ...(credential?.kind === 'device' ? { did: credential.id } : {}),
    ...(authenticatedAtMs === undefined ? {} : { auth_time: Math.floor(authenticatedAtMs / 1000) }),
  })
    .setProtectedHeader({ alg: 'EdDSA', kid: signer.kid, ...(type === undefined ? {} : { typ: type }) })
    .setIssuer(TOKEN_ISSUER)
    .setAudience(audience)
    .setSubject(who.userId)
    .setJti(randomId(16))
    .setIssuedAt(issuedAtS)
    .setExpirationTime(expiresAtS)
    .sign(signer.key);
  return { token, expiresAt: new Date(expiresAtS * 1000).toISOString() };
}

/** Null: not signed by this key, for something else, ended, or not of our form. */
async function verify(
  token: string,
  key: CryptoKey,
  { audience, type }: Kind,
): Promise<VerifiedToken | null> {
  try {
    const { payload } = await jwtVerify(token, key, {
      // RFC 8725, 3.1: the algorithm is ours to say, not the token's.
      algorithms: ['EdDSA'],
      issuer: TOKEN_ISSUER,
      audience,
      clockTolerance: CLOCK_TOLERANCE_S,
      ...(type === undefined ? {} : { typ: type }),
    });
    const claims = Claims.parse(payload);
    return { identity: identityIn(claims), jti: claims.jti, expiresAtMs: claims.exp * 1000 };
  } catch {
    return null;
  }
}

function identityIn(claims: Claims): Identity {
  const { did, jti, auth_time: authTimeS } = claims;
  return {
    ...{ userId: claims.sub, displayName: claims.name, workspaceId: claims.ws },
    ...(claims.op === true ? { operator: true } : {}),
    credential: did === undefined ? { kind: 'link', id: jti } : { kind: 'device', id: did },
    ...(authTimeS === undefined ? {} : { authenticatedAtMs: authTimeS * 1000 }),
  };
}

/** Signs an access token for somebody's device with the current key of the keyring. */
export async function issueAccessToken(
  env: Pick<Env, 'KEYRING' | 'SIGNING_KEY'>,
  who: Identity,
): Promise<IssuedToken> {
  const kind: Kind = { audience: ACCESS_AUDIENCE, type: ACCESS_TYPE };
  return sign(await currentSigner(env), who, kind, ACCESS_TOKEN_TTL_MS);
}

/** Signs an access token with the configured key. Throws when SIGNING_KEY is not an Ed25519 private JWK. */
export async function signAccessToken(
  signingKey: string,
  who: Identity,
  ttlMs = ACCESS_TOKEN_TTL_MS,
): Promise<IssuedToken> {
  const { kid, sign: key } = await bootstrapPair(signingKey);
  return sign({ kid, key }, who, { audience: ACCESS_AUDIENCE }, ttlMs);
}

/**
 * Signs the token of a single-use sign-in link. Single use is kept by the user's actor, by token id. `who` without an instant
 * at which they proved who they are: spending the link is that proof.
 */
export async function signSignInToken(
  signingKey: string,
  who: Identity,
  ttlMs = SIGN_IN_TOKEN_TTL_MS,
): Promise<IssuedToken> {
  const { kid, sign: key } = await bootstrapPair(signingKey);
  const { userId, displayName, workspaceId, authenticatedAtMs } = who;
  const bearer = {
    userId,
    displayName,
    workspaceId,
    ...(authenticatedAtMs === undefined ? {} : { authenticatedAtMs }),
  };
  return sign({ kid, key }, bearer, { audience: SIGN_IN_AUDIENCE }, ttlMs);
}

/**
 * Verifies an API token by the key its header names: one of the keyring, or the configured one. Null: not ours, for
 * something else, or ended. Rejects when the keyring cannot be reached: that is not the caller's fault.
 */
export async function verifyAccessToken(
  env: Pick<Env, 'KEYRING' | 'SIGNING_KEY'>,
  token: string,
): Promise<VerifiedToken | null> {
  const header = token.length > MAX_TOKEN_CHARS ? null : headerOf(token);
  if (header === null) return null;
  const key = await verificationKey(env, header.kid);
  if (key === null) return null;
  const { verify: own } = await bootstrapPair(env.SIGNING_KEY);
  const kind: Kind = { audience: ACCESS_AUDIENCE, ...(key === own ? {} : { type: ACCESS_TYPE }) };
  return verify(token, key, kind);
}

/** Verifies a sign-in token; spending it is the caller's next step. */
export async function verifySignInToken(signingKey: string, token: string): Promise<VerifiedToken | null> {
  if (token.length > MAX_TOKEN_CHARS) return null;
  return verify(token, (await bootstrapPair(signingKey)).verify, { audience: SIGN_IN_AUDIENCE });
}

const Header = z.object({ kid: z.string().max(100).optional() });

function headerOf(token: string): z.infer<typeof Header> | null {
  try {
    return Header.parse(decodeProtectedHeader(token));
  } catch {
    return null;
  }
}
