import { decodeProtectedHeader, jwtVerify, SignJWT } from 'jose';
import { z } from 'zod';
import { SessionId } from '../../protocol/messages/session.ts';
import {
  CLOCK_TOLERANCE_S,
  type IssuedToken,
  MAX_TOKEN_CHARS,
  TOKEN_ISSUER,
  type VerifiedToken,
} from './auth.ts';
import type { Env } from './env.ts';
import { isGuestId, randomId } from './ids.ts';
import { currentSigner, verificationKey } from './keyring.ts';

const GUEST_AUDIENCE = 'alex-edge-guest';
/** Type of a guest token's header, which keeps it and an access token from being taken for each other. */
const GUEST_TYPE = 'guest+jwt';

const Header = z.object({ kid: z.string().max(100), typ: z.literal(GUEST_TYPE) });
const Claims = z.object({
  sub: z.string().max(64).refine(isGuestId),
  name: z.string().max(64),
  /** The one session it is good for. */
  sid: SessionId,
  jti: z.string().min(16).max(64),
  exp: z.number(),
});

type Bindings = Pick<Env, 'KEYRING' | 'SIGNING_KEY'>;

/** Signs the token of somebody without an account, good for one session. */
export async function issueGuestToken(
  env: Bindings,
  guest: { userId: string; displayName: string; sessionId: string; expiresAtMs: number },
): Promise<IssuedToken> {
  const { kid, key } = await currentSigner(env);
  const expiresAtS = Math.floor(guest.expiresAtMs / 1000);
  const token = await new SignJWT({ name: guest.displayName, sid: guest.sessionId })
    .setProtectedHeader({ alg: 'EdDSA', kid, typ: GUEST_TYPE })
    .setIssuer(TOKEN_ISSUER)
    .setAudience(GUEST_AUDIENCE)
    .setSubject(guest.userId)
    .setJti(randomId(16))
    .setIssuedAt()
    .setExpirationTime(expiresAtS)
    .sign(key);
  return { token, expiresAt: new Date(expiresAtS * 1000).toISOString() };
}

/** Verifies a guest's token by the key its header names. Null: not ours, for something else, or ended. */
export async function verifyGuestToken(env: Bindings, token: string): Promise<VerifiedToken | null> {
  const header = token.length > MAX_TOKEN_CHARS ? null : headerOf(token);
  const key = header === null ? null : await verificationKey(env, header.kid);
  if (key === null) return null;
  try {
    const { payload } = await jwtVerify(token, key, {
      algorithms: ['EdDSA'],
      issuer: TOKEN_ISSUER,
      audience: GUEST_AUDIENCE,
      typ: GUEST_TYPE,
      clockTolerance: CLOCK_TOLERANCE_S,
    });
    const { sub, name, sid, jti, exp } = Claims.parse(payload);
    return {
      identity: {
        ...{ userId: sub, displayName: name, workspaceId: sub, onlySession: sid },
        credential: { kind: 'guest', id: jti },
      },
      jti,
      expiresAtMs: exp * 1000,
    };
  } catch {
    return null;
  }
}

function headerOf(token: string): z.infer<typeof Header> | null {
  try {
    return Header.parse(decodeProtectedHeader(token));
  } catch {
    return null;
  }
}
