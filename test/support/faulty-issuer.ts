import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { type CryptoKey, exportJWK, generateKeyPair, type JWK, type JWTPayload, SignJWT } from 'jose';
import { freePort } from './ports.ts';

export const FAULTY_CLIENT = { clientId: 'alex-edge', clientSecret: 'another-secret-of-the-test-0123456789' };

interface Key {
  kid: string;
  privateKey: CryptoKey;
  published: JWK;
}

async function newKey(kid: string): Promise<Key> {
  const { privateKey, publicKey } = await generateKeyPair('ES256', { extractable: true });
  return { kid, privateKey, published: { ...(await exportJWK(publicKey)), kid, alg: 'ES256', use: 'sig' } };
}

/** What is wrong with the answer for one code. Nothing is, without any. */
export interface Fault {
  /** Claims put in place of the right ones. */
  claims?: JWTPayload;
  /** Signs the ID token: with another key under the same name, by a key that is published nowhere, or as nobody does. */
  signature?: 'other-key' | 'unknown-key' | 'none' | 'shared-secret';
  /** What the token endpoint does in place of its answer. */
  token?: 'down' | 'hangs' | 'garbage' | 'no-id-token';
  /** What the keys' address does, from now on and until the next key: the edge reads it when it does not know a key. */
  keys?: 'down' | 'hangs';
}

/**
 * An OpenID Connect issuer that does what it is told to, also what none may. There is no page of it: the test gives its
 * answer to the browser itself, by {@link answer}.
 */
export class FaultyIssuer {
  readonly issuer: string;
  readonly #server: Server;
  readonly #codes = new Map<string, { nonce: string; fault: Fault }>();
  readonly #unanswered = new Set<ServerResponse>();
  #key: Key;
  #keys: Fault['keys'];

  private constructor(issuer: string, server: Server, key: Key) {
    this.issuer = issuer;
    this.#server = server;
    this.#key = key;
    server.on('request', (request: IncomingMessage, response: ServerResponse) => {
      this.#serve(request, response).catch(() => response.destroy());
    });
  }

  static async start(): Promise<FaultyIssuer> {
    const port = await freePort();
    const server = createServer();
    const issuer = new FaultyIssuer(`http://localhost:${port}`, server, await newKey('key-0'));
    server.listen(port, '127.0.0.1');
    await once(server, 'listening');
    return issuer;
  }

  /** The edge's setting for it. `path`: of another issuer here, `/silent`, which never says what it is. */
  setting(id: string, path = ''): unknown {
    return { id, label: id, issuer: `${this.issuer}${path}`, ...FAULTY_CLIENT };
  }

  /** Signs with a new key from now on; the old one is published no more. */
  async rotateKeys(): Promise<void> {
    this.#keys = undefined;
    this.#key = await newKey(`key-${Math.random()}`);
  }

  /** The address that the browser is sent back to after this departure. `query`: put in place of what is right. */
  answer(departure: URL, fault: Fault = {}, query: Record<string, string | null> = {}): URL {
    const given = departure.searchParams;
    const code = `code-${crypto.randomUUID()}`;
    this.#codes.set(code, { nonce: given.get('nonce') ?? '', fault });
    if (fault.keys !== undefined) this.#keys = fault.keys;
    const back = new URL(given.get('redirect_uri') ?? '');
    const right = { code, state: given.get('state') ?? '', iss: this.issuer };
    for (const [name, value] of Object.entries({ ...right, ...query }))
      if (value !== null) back.searchParams.set(name, value);
    return back;
  }

  async stop(): Promise<void> {
    for (const response of this.#unanswered) response.destroy();
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, 'close');
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = request.url ?? '';
    if (path.startsWith('/silent')) return void this.#unanswered.add(response);
    if (path === '/.well-known/openid-configuration') return json(response, this.#metadata());
    if (path === '/keys') return this.#give(response, this.#keys, { keys: [this.#key.published] });
    if (path === '/token') return this.#token(request, response);
    json(response, { error: 'not_found' }, 404);
  }

  async #token(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const form = new URLSearchParams((await request.toArray()).join(''));
    const code = form.get('code') ?? '';
    const grant = this.#codes.get(code);
    // A code is good once.
    this.#codes.delete(code);
    if (grant === undefined) return json(response, { error: 'invalid_grant' }, 400);
    const { fault, nonce } = grant;
    if (fault.token === 'garbage') return void response.end('<html>Be right back</html>');
    if (fault.token === 'down' || fault.token === 'hangs') return this.#give(response, fault.token, {});
    const tokens = { access_token: 'an-access-token', token_type: 'Bearer', expires_in: 60 };
    if (fault.token === 'no-id-token') return json(response, tokens);
    json(response, { ...tokens, id_token: await this.#idToken(nonce, fault) });
  }

  async #idToken(nonce: string, { claims = {}, signature }: Fault): Promise<string> {
    const nowS = Math.floor(Date.now() / 1000);
    const right = {
      iss: this.issuer,
      aud: FAULTY_CLIENT.clientId,
      sub: 'mallory',
      iat: nowS,
      exp: nowS + 60,
      nonce,
    };
    const payload = { ...right, name: 'Mallory', email: 'mallory@example.com', ...claims };
    if (signature === 'none') {
      const part = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');
      return `${part({ alg: 'none' })}.${part(payload)}.`;
    }
    if (signature === 'shared-secret') {
      const secret = new TextEncoder().encode(FAULTY_CLIENT.clientSecret);
      return new SignJWT(payload).setProtectedHeader({ alg: 'HS256' }).sign(secret);
    }
    const { privateKey } = signature === undefined ? this.#key : await newKey('nobody');
    const kid = signature === 'unknown-key' ? 'nobody' : this.#key.kid;
    return new SignJWT(payload).setProtectedHeader({ alg: 'ES256', kid }).sign(privateKey);
  }

  /** An answer, or none. */
  #give(response: ServerResponse, fault: 'down' | 'hangs' | undefined, body: unknown): void {
    if (fault === undefined) json(response, body);
    else if (fault === 'hangs') this.#unanswered.add(response);
    else json(response, { error: 'temporarily_unavailable' }, 503);
  }

  #metadata() {
    return {
      issuer: this.issuer,
      authorization_endpoint: `${this.issuer}/authorize`,
      token_endpoint: `${this.issuer}/token`,
      jwks_uri: `${this.issuer}/keys`,
      authorization_response_iss_parameter_supported: true,
      ...{ response_types_supported: ['code'], subject_types_supported: ['public'] },
      id_token_signing_alg_values_supported: ['ES256'],
    };
  }
}

function json(response: ServerResponse, body: unknown, status = 200): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}
