import { createRemoteJWKSet, type JWTVerifyGetKey, jwtVerify } from 'jose';
import * as oidc from 'openid-client';
import { FLOW_TTL_MS } from './flow.ts';
import { Claims } from './person.ts';
import { isPlainLoopback, type OidcProvider } from './settings.ts';
import { isKeyUnknown, KeysUnreachableError } from './unreachable.ts';

/** What an issuer says of itself is read again after so long. */
const DISCOVERY_MAX_AGE_MS = 3_600_000;
/** Its keys as well; sooner when a token names one that is not known. */
const KEYS_MAX_AGE_MS = 10 * 60_000;
/** Longest an issuer may take to answer. */
const TIMEOUT_S = 10;
/** Signatures that prove the issuer; a shared secret would prove as much of us. */
const ALGORITHMS = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512', 'EdDSA'];

interface Discovered {
  provider: OidcProvider;
  configuration: oidc.Configuration;
  keys: JWTVerifyGetKey;
  readAtMs: number;
}

/** By provider id. */
const discovered = new Map<string, Discovered>();

/** Reads what an issuer says of itself (OpenID Connect Discovery, RFC 8414), or what it said lately. */
async function discover(provider: OidcProvider): Promise<Discovered> {
  const nowMs = Date.now();
  const known = discovered.get(provider.id);
  const ageMs = known === undefined ? Infinity : nowMs - known.readAtMs;
  if (known?.provider === provider && ageMs >= 0 && ageMs < DISCOVERY_MAX_AGE_MS) return known;
  const issuer = new URL(provider.issuer);
  const configuration = await oidc.discovery(issuer, provider.clientId, {}, clientAuth(provider), {
    timeout: TIMEOUT_S,
    ...(isPlainLoopback(issuer) ? { execute: [oidc.allowInsecureRequests] } : {}),
  });
  const { jwks_uri: keysUrl } = configuration.serverMetadata();
  if (keysUrl === undefined) throw new Error(`${provider.id} names no keys.`);
  // Only the issuer itself hands us ID tokens, so an unknown key id may make its keys be read again at once.
  const published = createRemoteJWKSet(new URL(keysUrl), {
    ...{ cacheMaxAge: KEYS_MAX_AGE_MS, cooldownDuration: 0, timeoutDuration: TIMEOUT_S * 1000 },
  });
  const keys: JWTVerifyGetKey = async (header, token) => {
    try {
      return await published(header, token);
    } catch (error) {
      throw isKeyUnknown(error) ? error : new KeysUnreachableError(error);
    }
  };
  const fresh = { provider, configuration, keys, readAtMs: nowMs };
  discovered.set(provider.id, fresh);
  return fresh;
}

function clientAuth({ clientSecret, clientAuth: method }: OidcProvider): oidc.ClientAuth {
  if (clientSecret === undefined) return oidc.None();
  return method === 'client_secret_post'
    ? oidc.ClientSecretPost(clientSecret)
    : oidc.ClientSecretBasic(clientSecret);
}

/** What a sign-in begins with: where the browser goes, and what has to be kept until it comes back. */
export interface Departure {
  url: URL;
  state: string;
  nonce: string;
  codeVerifier: string;
}

/** Begins a code flow with PKCE (RFC 7636). `fresh`: the person has to prove anew who they are. */
export async function depart(
  provider: OidcProvider,
  redirectUri: string,
  fresh: boolean,
): Promise<Departure> {
  const { configuration } = await discover(provider);
  const [state, nonce, codeVerifier] = [
    oidc.randomState(),
    oidc.randomNonce(),
    oidc.randomPKCECodeVerifier(),
  ];
  const url = oidc.buildAuthorizationUrl(configuration, {
    ...{ redirect_uri: redirectUri, scope: provider.scopes.join(' '), state, nonce },
    code_challenge: await oidc.calculatePKCECodeChallenge(codeVerifier),
    code_challenge_method: 'S256',
    ...(fresh ? { prompt: 'login', max_age: '0' } : {}),
  });
  return { url, state, nonce, codeVerifier };
}

/**
 * Ends a code flow: spends the code, and checks the answer (state; `iss`, RFC 9207; nonce) and the ID token, its signature
 * included. Out: the issuer's name and what it says of the person. Throws when anything does not fit.
 */
export async function arrive(
  provider: OidcProvider,
  answer: URL,
  departure: Omit<Departure, 'url'> & { fresh: boolean },
): Promise<{ issuer: string; claims: Claims }> {
  const { configuration, keys } = await discover(provider);
  const tokens = await oidc.authorizationCodeGrant(configuration, answer, {
    pkceCodeVerifier: departure.codeVerifier,
    expectedState: departure.state,
    expectedNonce: departure.nonce,
    idTokenExpected: true,
    // Then the ID token has to say when that was.
    ...(departure.fresh ? { maxAge: FLOW_TTL_MS / 1000 } : {}),
  });
  const { issuer, userinfo_endpoint: userInfoUrl } = configuration.serverMetadata();
  // The library trusts the channel it came by (OpenID Connect Core, 3.1.3.7); we want the signature as well.
  const { payload } = await jwtVerify(tokens.id_token ?? '', keys, {
    ...{ issuer, audience: provider.clientId, algorithms: ALGORITHMS, clockTolerance: 30 },
  });
  const claims = Claims.parse(payload);
  if (userInfoUrl === undefined || (claims.name !== undefined && claims.email !== undefined))
    return { issuer, claims };
  const more = await oidc.fetchUserInfo(configuration, tokens.access_token, claims.sub);
  return { issuer, claims: Claims.parse({ ...more, ...payload }) };
}

/** Where a browser ends its session at the issuer (OpenID Connect RP-Initiated Logout). Null: the issuer has no such place. */
export async function endSessionUrl(provider: OidcProvider, returnTo: string): Promise<string | null> {
  const { configuration } = await discover(provider);
  if (configuration.serverMetadata().end_session_endpoint === undefined) return null;
  return oidc.buildEndSessionUrl(configuration, { post_logout_redirect_uri: returnTo }).href;
}
