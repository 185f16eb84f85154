import { calculateJwkThumbprint, importJWK, type JWK } from 'jose';
import { throughColoCache } from './colo-cache.ts';
import type { Env } from './env.ts';
import { PrivateJwk, PublishedKey } from './keyring-rpc.ts';
import { createLogger, masker } from './log.ts';

/** Published keys are read again after so long... */
export const KEYS_MAX_AGE_MS = 5 * 60_000;
/** ...of which they may have been so long in the cache of the place, where isolates that are new find them... */
const COLO_MAX_AGE_MS = 60_000;
/** ...and are used so long when the actor does not answer. */
const KEYS_MAX_STALE_MS = 3_600_000;
/** A token with an unknown key id makes them be read again, but not more often than this: anybody can make one up. */
const UNKNOWN_KID_EVERY_MS = 2_000;
/** The signing key is asked for again after so long. */
export const SIGNER_MAX_AGE_MS = 5 * 60_000;

/** A key that signs, with its id for the header of the token. */
export interface Signer {
  kid: string;
  key: CryptoKey;
}

interface Published {
  list: PublishedKey[];
  keys: ReadonlyMap<string, CryptoKey>;
  readAtMs: number;
}
type Bindings = Pick<Env, 'KEYRING' | 'SIGNING_KEY'>;

const log = createLogger('keyring');

/** What this isolate knows of the keys. */
let published: Published | null = null;
let askedAtMs = -Infinity;
let signer: (Signer & { readAtMs: number; untilMs: number }) | null = null;
let bootstrap: { text: string; pair: Promise<BootstrapPair> } | null = null;

/** The key pair that the deployment was configured with. */
export interface BootstrapPair {
  kid: string;
  sign: CryptoKey;
  verify: CryptoKey;
  published: PublishedKey;
}

const issuer = (env: Bindings) => env.KEYRING.get(env.KEYRING.idFromName('issuer'));

/** The key that signs access tokens now. Rejects when the keyring cannot be reached. */
export async function currentSigner(env: Bindings): Promise<Signer> {
  const nowMs = Date.now();
  if (signer !== null && isYoung(signer.readAtMs, nowMs, signer.untilMs - signer.readAtMs)) return signer;
  const { kid, privateJwk, untilMs } = await issuer(env).signer();
  const key = await importKey(privateJwk);
  signer = { kid, key, readAtMs: nowMs, untilMs: Math.min(untilMs, nowMs + SIGNER_MAX_AGE_MS) };
  return signer;
}

/**
 * The public key for a key id; without one, that of the configured key, whose tokens may lack it. Null: no such key.
 * Rejects when the keyring is needed and cannot be reached.
 */
export async function verificationKey(env: Bindings, kid: string | undefined): Promise<CryptoKey | null> {
  const own = await bootstrapPair(env.SIGNING_KEY);
  if (kid === undefined || kid === own.kid) return own.verify;
  const nowMs = Date.now();
  const known = await publishedKeys(env, nowMs);
  const found = known.keys.get(kid);
  if (found !== undefined) return found;
  if (isYoung(askedAtMs, nowMs, UNKNOWN_KID_EVERY_MS)) return null;
  askedAtMs = nowMs;
  return (await take(await issuer(env).published(), nowMs)).keys.get(kid) ?? null;
}

/** Public keys of everything whose tokens are good (RFC 7517), the configured key included. */
export async function jwks(env: Bindings): Promise<{ keys: JWK[] }> {
  const own = await bootstrapPair(env.SIGNING_KEY);
  const { list } = await publishedKeys(env, Date.now());
  return {
    keys: [...list, own.published].map(({ kid, x }) => ({ ...publicJwk(x), kid, alg: 'EdDSA', use: 'sig' })),
  };
}

/** Imported once per isolate and configured key: it changes only by a deploy. */
export function bootstrapPair(signingKey: string): Promise<BootstrapPair> {
  if (bootstrap?.text !== signingKey) {
    const entry = { text: signingKey, pair: importPair(signingKey) };
    // A failed import is not kept.
    entry.pair.catch(() => {
      if (bootstrap === entry) bootstrap = null;
    });
    bootstrap = entry;
  }
  return bootstrap.pair;
}

async function publishedKeys(env: Bindings, nowMs: number): Promise<Published> {
  if (published !== null && isYoung(published.readAtMs, nowMs, KEYS_MAX_AGE_MS)) return published;
  try {
    const ask = () => issuer(env).published();
    const list = await throughColoCache('published-keys', PublishedKey.array(), COLO_MAX_AGE_MS, ask);
    return await take(list, nowMs);
  } catch (error) {
    if (published === null || !isYoung(published.readAtMs, nowMs, KEYS_MAX_STALE_MS)) throw error;
    log('warn', 'keys not read again', { error: String(error) });
    return published;
  }
}

async function take(list: PublishedKey[], nowMs: number): Promise<Published> {
  const keys = await Promise.all(
    list.map(async ({ kid, x }) => [kid, await importKey(publicJwk(x))] as const),
  );
  published = { list, keys: new Map(keys), readAtMs: nowMs };
  return published;
}

/** Whether something read then is still younger than `maxAgeMs`. A clock that was put back makes everything old. */
function isYoung(readAtMs: number, nowMs: number, maxAgeMs: number): boolean {
  return readAtMs <= nowMs && nowMs - readAtMs < maxAgeMs;
}

async function importPair(signingKey: string): Promise<BootstrapPair> {
  const jwk = PrivateJwk.parse(JSON.parse(signingKey));
  masker.secrets.register(jwk.d, 'signing-key');
  const open = publicJwk(jwk.x);
  const kid = await calculateJwkThumbprint(open);
  const [sign, verify] = await Promise.all([importKey(jwk), importKey(open)]);
  return { kid, sign, verify, published: { kid, x: jwk.x } };
}

function publicJwk(x: string): JWK {
  return { kty: 'OKP', crv: 'Ed25519', x };
}

async function importKey(jwk: JWK): Promise<CryptoKey> {
  const key = await importJWK(jwk, 'EdDSA');
  if (key instanceof Uint8Array) throw new Error('Not a key of a key pair.');
  return key;
}
