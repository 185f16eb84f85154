import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { calculateJwkThumbprint, exportJWK, generateKeyPair, importJWK, type JWK, SignJWT } from 'jose';

/** Life of a printed sign-in link, and of the token that `--json` gives to programs. */
const SIGN_IN_LIFE = '24h';
const TOKEN_LIFE = '30d';

/** Keys of one data directory, made on first use: the edge's signing key and the host's own. JSON Web Keys as text. */
export interface Keys {
  signingKey: string;
  hostKeys: string;
  hostKeyFile: string;
}

/** Reads or makes the keys in `<data>/keys`. `hostId` becomes the key id of the host's key, which is good for `region`. */
export async function loadKeys(dataDir: string, hostId: string, region: string): Promise<Keys> {
  const folder = join(dataDir, 'keys');
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const signing = await loadKey(join(folder, 'signing.json'), {});
  const hostKeyFile = join(folder, 'host.json');
  const { d: _private, ...hostPublic } = await loadKey(hostKeyFile, { kid: hostId });
  return {
    signingKey: JSON.stringify(signing),
    hostKeys: JSON.stringify({ keys: [{ ...hostPublic, regions: [region] }] }),
    hostKeyFile,
  };
}

/** A token for the one local user: `sign-in` for a single-use link, `api` for programs. */
export async function signLocalToken(signingKey: string, use: 'sign-in' | 'api'): Promise<string> {
  const jwk: JWK = JSON.parse(signingKey);
  return new SignJWT({ name: 'Local user', ws: 'local', op: true })
    .setProtectedHeader({ alg: 'EdDSA', kid: await calculateJwkThumbprint(jwk) })
    .setIssuer('alex-edge')
    .setAudience(use === 'api' ? 'alex-edge-api' : 'alex-edge-sign-in')
    .setSubject('local')
    .setJti(crypto.randomUUID())
    .setIssuedAt()
    .setExpirationTime(use === 'api' ? TOKEN_LIFE : SIGN_IN_LIFE)
    .sign(await importJWK(jwk, 'EdDSA'));
}

async function loadKey(file: string, extra: JWK): Promise<JWK> {
  if (existsSync(file)) return JSON.parse(readFileSync(file, 'utf8'));
  const { privateKey } = await generateKeyPair('EdDSA', { crv: 'Ed25519', extractable: true });
  const jwk = { ...(await exportJWK(privateKey)), alg: 'EdDSA', ...extra };
  writeFileSync(file, JSON.stringify(jwk), { mode: 0o600 });
  return jwk;
}
