import { createLocalJWKSet, jwtVerify, type JWTVerifyGetKey } from 'jose';
import { z } from 'zod';
import { MAX_TOKEN_CHARS } from './auth.ts';

/** What a host's own token is good for. */
export const HOST_AUDIENCE = 'alex-edge-host';
/** A host token may be valid for at most so many seconds from now. */
export const MAX_HOST_TOKEN_LIFE_S = 60;
const CLOCK_TOLERANCE_S = 5;

/** Name of a host; it is a URL segment and a log member. */
export const HostId = z.string().regex(/^[A-Za-z0-9._-]{1,100}$/);
/** Name of a region. */
export const Region = z.string().regex(/^[a-z0-9][a-z0-9-]{0,31}$/);

const HostClaims = z.object({ sub: HostId, region: Region, exp: z.number() });

/** A host that proved who it is. */
export interface HostIdentity {
  hostId: string;
  region: string;
}

/** Where a host may be: named regions, or `*` for any. */
const Regions = z.array(z.union([Region, z.literal('*')])).min(1);

/** The hosts that are known: a JSON Web Key each, with the regions it may be in. */
const KeySet = z.object({
  keys: z.array(
    z.object({
      ...{ kty: z.literal('OKP'), crv: z.literal('Ed25519'), x: z.string(), kid: HostId },
      regions: Regions,
    }),
  ),
});

interface KnownHosts {
  text: string;
  keys: JWTVerifyGetKey;
  regions: ReadonlyMap<string, readonly string[]>;
}

/** Imported once per isolate and configured key set. */
let cached: KnownHosts | null = null;

function knownHosts(hostKeys: string): KnownHosts {
  if (cached?.text === hostKeys) return cached;
  const { keys } = KeySet.parse(JSON.parse(hostKeys));
  cached = {
    text: hostKeys,
    keys: createLocalJWKSet({ keys: keys.map(({ regions: _regions, ...key }) => key) }),
    regions: new Map(keys.map(({ kid, regions }) => [kid, regions])),
  };
  return cached;
}

/**
 * Verifies a host's token against the JSON Web Key Set of known hosts: signed by the key whose `kid` is its subject,
 * for this edge, in a region that key may be in, ending within a minute. Null when it is not all of that. Throws when
 * the key set itself is broken.
 */
export async function verifyHostToken(hostKeys: string, token: string): Promise<HostIdentity | null> {
  if (token.length > MAX_TOKEN_CHARS) return null;
  const { keys, regions } = knownHosts(hostKeys);
  try {
    const { payload, protectedHeader } = await jwtVerify(token, keys, {
      algorithms: ['EdDSA'],
      audience: HOST_AUDIENCE,
      clockTolerance: CLOCK_TOLERANCE_S,
      requiredClaims: ['exp'],
    });
    const claims = HostClaims.parse(payload);
    if (protectedHeader.kid !== claims.sub) return null;
    const allowed = regions.get(claims.sub) ?? [];
    if (!allowed.includes('*') && !allowed.includes(claims.region)) return null;
    if (claims.exp > Date.now() / 1000 + MAX_HOST_TOKEN_LIFE_S + CLOCK_TOLERANCE_S) return null;
    return { hostId: claims.sub, region: claims.region };
  } catch {
    return null;
  }
}
