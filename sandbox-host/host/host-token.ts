import { importJWK, SignJWT } from 'jose';
import type { HostConfig } from './config.ts';

/** The edge accepts at most a minute. */
const TOKEN_LIFE_S = 45;
/** Whom the token is for. */
const AUDIENCE = 'alex-edge-host';

/** A fresh token that proves this host to the edge, signed by the host's own key. One per connection. */
export async function signHostToken(config: HostConfig): Promise<string> {
  const key = await importJWK(config.hostKey, 'EdDSA');
  return new SignJWT({ region: config.region })
    .setProtectedHeader({ alg: 'EdDSA', kid: config.hostId })
    .setSubject(config.hostId)
    .setAudience(AUDIENCE)
    .setJti(crypto.randomUUID())
    .setIssuedAt()
    .setExpirationTime(`${TOKEN_LIFE_S}s`)
    .sign(key);
}
