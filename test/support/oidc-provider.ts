import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { exportJWK, generateKeyPair, type JWK } from 'jose';
import { Provider, type Configuration } from 'oidc-provider';
import { freePort } from './ports.ts';

/** The one client the provider knows, and what edges may call the provider. */
const PROVIDER_IDS = ['played', 'closed'];
const CLIENT_ID = 'alex-edge';
const CLIENT_SECRET = 'a-secret-of-the-test';

async function newKey(kid: string): Promise<JWK> {
  const { privateKey } = await generateKeyPair('RS256', { extractable: true });
  return { ...(await exportJWK(privateKey)), kid, alg: 'RS256', use: 'sig' };
}

/** A real OpenID Connect provider on loopback, by a name that makes it another site than the edge. Whoever types a name into its form is that person. */
export class PlayedProvider {
  readonly issuer: string;
  readonly #edgeUrl: string;
  readonly #server: Server;
  #keys = 0;

  private constructor(issuer: string, edgeUrl: string, server: Server) {
    this.issuer = issuer;
    this.#edgeUrl = edgeUrl;
    this.#server = server;
  }

  /** `edgeUrl`: of the edge that may send people here. */
  static async start(edgeUrl: string): Promise<PlayedProvider> {
    const port = await freePort();
    const server = createServer();
    const provider = new PlayedProvider(`http://localhost:${port}`, edgeUrl, server);
    await provider.rotateKeys();
    server.listen(port, '127.0.0.1');
    await once(server, 'listening');
    return provider;
  }

  /** The edge's setting for it, under one of the names it knows. */
  setting(id: 'played' | 'closed', label: string, more: Record<string, unknown> = {}): unknown {
    return {
      ...{ id, label, issuer: this.issuer },
      ...{ clientId: CLIENT_ID, clientSecret: CLIENT_SECRET, ...more },
    };
  }

  /** Signs with a new key from now on; the old one is gone. */
  async rotateKeys(): Promise<void> {
    this.#keys += 1;
    const provider = new Provider(this.issuer, {
      ...this.#configuration(),
      jwks: { keys: [await newKey(`key-${this.#keys}`)] },
    });
    this.#server.removeAllListeners('request');
    this.#server.on('request', provider.callback());
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, 'close');
  }

  #configuration(): Configuration {
    return {
      clients: [
        {
          ...{ client_id: CLIENT_ID, client_secret: CLIENT_SECRET, grant_types: ['authorization_code'] },
          redirect_uris: PROVIDER_IDS.map((id) => `${this.#edgeUrl}/api/v1/auth/oidc/${id}/callback`),
          post_logout_redirect_uris: [`${this.#edgeUrl}/sign-in`],
        },
      ],
      claims: { openid: ['sub', 'auth_time'], profile: ['name'], email: ['email', 'email_verified'] },
      findAccount: (_ctx, sub) => ({
        accountId: sub,
        claims: () => ({
          ...{ sub, name: `${sub} of the provider` },
          ...{ email: `${sub}@example.com`, email_verified: true },
        }),
      }),
      cookies: { keys: ['only for tests'] },
      pkce: { required: () => true },
      features: { devInteractions: { enabled: true }, rpInitiatedLogout: { enabled: true } },
    };
  }
}
