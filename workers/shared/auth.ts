import { importJWK, jwtVerify, SignJWT, type JWK } from 'jose';
import { z } from 'zod';
import { randomId } from './ids.ts';
import type { Identity } from './rpc.ts';

/** Who signs, and what each kind of token is good for. */
export const TOKEN_ISSUER = 'alex-edge';
export const ACCESS_AUDIENCE = 'alex-edge-api';
export const SIGN_IN_AUDIENCE = 'alex-edge-sign-in';
/** Life of an access token, in the cookie or as a bearer. */
export const ACCESS_TOKEN_TTL_MS = 30 * 24 * 3_600_000;
/** Life of a sign-in link nobody used. */
export const SIGN_IN_TOKEN_TTL_MS = 24 * 3_600_000;
/** Clocks of issuer and verifier may differ by so many seconds. */
const CLOCK_TOLERANCE_S = 5;
/** Longest token looked at; ours are about 400 characters. */
export const MAX_TOKEN_CHARS = 4_096;

/** The one user of a deployment without a user directory. */
export const LOCAL_USER: Identity = {
  ...{ userId: 'local', displayName: 'Local user', workspaceId: 'local' },
  operator: true,
};

/** Every claim but `op` is required: a token that lacks one is not ours. */
const Claims = z.object({
  sub: z.string().min(1).max(200),
  name: z.string().max(200),
  ws: z.string().min(1).max(200),
  /** The bearer is an operator of the deployment. */
  op: z.literal(true).optional(),
  jti: z.string().min(16).max(64),
  exp: z.number(),
});

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

type Audience = typeof ACCESS_AUDIENCE | typeof SIGN_IN_AUDIENCE;
interface KeyPair {
  sign: CryptoKey;
  verify: CryptoKey;
}

/** Imported once per isolate and configured key. One entry: the key changes only by a deploy. */
let cached: { text: string; keys: Promise<KeyPair> } | null = null;

function keyPair(signingKey: string): Promise<KeyPair> {
  if (cached?.text !== signingKey) {
    const entry = { text: signingKey, keys: importKeys(signingKey) };
    // A failed import is not kept.
    entry.keys.catch(() => {
      if (cached === entry) cached = null;
    });
    cached = entry;
  }
  return cached.keys;
}

async function importKeys(signingKey: string): Promise<KeyPair> {
  const jwk = z
    .object({ kty: z.literal('OKP'), crv: z.literal('Ed25519'), x: z.string(), d: z.string() })
    .parse(JSON.parse(signingKey));
  const publicJwk: JWK = { kty: jwk.kty, crv: jwk.crv, x: jwk.x };
  const [sign, verify] = await Promise.all([importJWK(jwk, 'EdDSA'), importJWK(publicJwk, 'EdDSA')]);
  if (sign instanceof Uint8Array || verify instanceof Uint8Array)
    throw new Error('SIGNING_KEY is not a key pair.');
  return { sign, verify };
}

async function sign(
  signingKey: string,
  who: Identity,
  audience: Audience,
  ttlMs: number,
): Promise<IssuedToken> {
  const keys = await keyPair(signingKey);
  const issuedAtS = Math.floor(Date.now() / 1000);
  const expiresAtS = issuedAtS + Math.floor(ttlMs / 1000);
  const token = await new SignJWT({
    name: who.displayName,
    ws: who.workspaceId,
    ...(who.operator === true ? { op: true } : {}),
  })
    .setProtectedHeader({ alg: 'EdDSA' })
    .setIssuer(TOKEN_ISSUER)
    .setAudience(audience)
    .setSubject(who.userId)
    .setJti(randomId(16))
    .setIssuedAt(issuedAtS)
    .setExpirationTime(expiresAtS)
    .sign(keys.sign);
  return { token, expiresAt: new Date(expiresAtS * 1000).toISOString() };
}

async function verify(signingKey: string, token: string, audience: Audience): Promise<VerifiedToken | null> {
  if (token.length > MAX_TOKEN_CHARS) return null;
  // Outside the try: a broken deployment is not the caller's fault and must not look like a bad token.
  const keys = await keyPair(signingKey);
  try {
    const { payload } = await jwtVerify(token, keys.verify, {
      algorithms: ['EdDSA'],
      issuer: TOKEN_ISSUER,
      audience,
      clockTolerance: CLOCK_TOLERANCE_S,
    });
    const claims = Claims.parse(payload);
    return {
      identity: {
        ...{ userId: claims.sub, displayName: claims.name, workspaceId: claims.ws },
        ...(claims.op === true ? { operator: true } : {}),
      },
      jti: claims.jti,
      expiresAtMs: claims.exp * 1000,
    };
  } catch {
    return null;
  }
}

/** Signs a token for the API. Throws when SIGNING_KEY is not an Ed25519 private JWK. */
export function signAccessToken(
  signingKey: string,
  who: Identity,
  ttlMs = ACCESS_TOKEN_TTL_MS,
): Promise<IssuedToken> {
  return sign(signingKey, who, ACCESS_AUDIENCE, ttlMs);
}

/** Signs the token of a single-use sign-in link. Single use is kept by the user's actor, by token id. */
export function signSignInToken(
  signingKey: string,
  who: Identity,
  ttlMs = SIGN_IN_TOKEN_TTL_MS,
): Promise<IssuedToken> {
  return sign(signingKey, who, SIGN_IN_AUDIENCE, ttlMs);
}

/** Verifies an API token. Null: not ours, for something else, or ended. */
export function verifyAccessToken(signingKey: string, token: string): Promise<VerifiedToken | null> {
  return verify(signingKey, token, ACCESS_AUDIENCE);
}

/** Verifies a sign-in token; spending it is the caller's next step. */
export function verifySignInToken(signingKey: string, token: string): Promise<VerifiedToken | null> {
  return verify(signingKey, token, SIGN_IN_AUDIENCE);
}
