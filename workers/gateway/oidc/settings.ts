import { z } from 'zod';

/** Hosts where an issuer may be reached without TLS: nobody is between. */
const LOOPBACK: ReadonlySet<string> = new Set(['localhost', '127.0.0.1', '[::1]']);

/** Whether an address is one of this machine, in plain http. */
export function isPlainLoopback(url: URL): boolean {
  return url.protocol === 'http:' && LOOPBACK.has(url.hostname);
}

const Issuer = z.url().refine((text) => {
  const url = new URL(text);
  return url.protocol === 'https:' || isPlainLoopback(url);
}, 'an issuer is reached by https, or on this machine');

/** One OpenID Connect issuer that people may sign in with. */
const OidcProvider = z.strictObject({
  /** Its name in our addresses. */
  id: z.string().regex(/^[a-z0-9][a-z0-9-]{0,31}$/),
  /** Its name for people. */
  label: z.string().min(1).max(60),
  issuer: Issuer,
  clientId: z.string().min(1).max(500),
  /** Absent: a public client, which PKCE alone protects. */
  clientSecret: z.string().min(1).max(1_000).optional(),
  /** How the secret is sent to the token endpoint (RFC 6749, 2.3.1). */
  clientAuth: z.enum(['client_secret_basic', 'client_secret_post']).default('client_secret_basic'),
  scopes: z.array(z.string().regex(/^[\x21\x23-\x5b\x5d-\x7e]+$/)).default(['openid', 'profile', 'email']),
  /** Only people whose verified address is in one of these domains; absent: whoever the issuer vouches for. */
  allowedEmailDomains: z.array(z.string().min(1).toLowerCase()).min(1).optional(),
});
export type OidcProvider = z.infer<typeof OidcProvider>;

const OidcProviders = z
  .array(OidcProvider)
  .max(20)
  .refine((list) => new Set(list.map(({ id }) => id)).size === list.length, 'two providers have one id');

/** Parsed once per isolate and setting. */
let cached: { text: string; providers: readonly OidcProvider[] } | null = null;

/** The providers in OIDC_PROVIDERS, in its order. Throws an error that says what is wrong with it, and holds no secret. */
export function oidcProviders(setting: string | undefined): readonly OidcProvider[] {
  const text = setting ?? '';
  if (cached?.text !== text) cached = { text, providers: parse(text) };
  return cached.providers;
}

function parse(text: string): readonly OidcProvider[] {
  if (text.trim() === '') return [];
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    throw new Error('OIDC_PROVIDERS is not JSON.');
  }
  const parsed = OidcProviders.safeParse(json);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  throw new Error(`OIDC_PROVIDERS: ${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'invalid'}`);
}
