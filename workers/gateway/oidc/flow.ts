import { hkdf } from '@noble/hashes/hkdf.js';
import { sha256 } from '@noble/hashes/sha2.js';
import { utf8ToBytes } from '@noble/hashes/utils.js';
import { EncryptJWT, jwtDecrypt } from 'jose';
import { z } from 'zod';

/** Longest between leaving for the issuer and coming back. */
export const FLOW_TTL_MS = 10 * 60_000;
const MAX_RETURN_CHARS = 500;

/**
 * A sign-in on its way: what the answer of the issuer has to fit. It travels encrypted in a cookie, so that the answer is
 * good only in the browser that asked (RFC 9700, 2.1 and 4.7), and nothing is stored for people who never come back.
 */
const Flow = z.object({
  providerId: z.string(),
  state: z.string(),
  nonce: z.string(),
  codeVerifier: z.string(),
  /** Path to go on to. */
  returnTo: z.string(),
  /** The person was asked to prove anew who they are. */
  fresh: z.boolean(),
});
export type Flow = z.infer<typeof Flow>;

/** Characters of the state that the cookie's name has, so that flows of several tabs do not overwrite each other. */
const NAME_CHARS = 12;

/** Name of the cookie of a flow, without prefix. Null: no state of ours. */
export function flowCookie(state: string | undefined): string | null {
  return state !== undefined && /^[A-Za-z0-9_-]{20,100}$/.test(state)
    ? `alex_oidc_${state.slice(0, NAME_CHARS)}`
    : null;
}

/** Encrypts a flow for its cookie. */
export function sealFlow(signingKey: string, flow: Flow): Promise<string> {
  return new EncryptJWT({ flow })
    .setProtectedHeader({ alg: 'dir', enc: 'A256GCM' })
    .setExpirationTime(Math.floor((Date.now() + FLOW_TTL_MS) / 1000))
    .encrypt(flowKey(signingKey));
}

/** Null: not ours, changed, or too old. */
export async function openFlow(signingKey: string, sealed: string): Promise<Flow | null> {
  try {
    const { payload } = await jwtDecrypt(sealed, flowKey(signingKey), {
      ...{ keyManagementAlgorithms: ['dir'], contentEncryptionAlgorithms: ['A256GCM'] },
      requiredClaims: ['exp'],
    });
    return Flow.parse(payload['flow']);
  } catch {
    return null;
  }
}

function flowKey(signingKey: string): Uint8Array {
  return hkdf(sha256, utf8ToBytes(signingKey), undefined, utf8ToBytes('alex-edge sign-in flows'), 32);
}

/** A path of ours to go on to after a sign-in; whatever is none (another host, say) becomes the first page. */
export function safeReturn(path: string | undefined, origin: string): string {
  if (path === undefined || path.length > MAX_RETURN_CHARS || !/^\/(?![/\\])/.test(path)) return '/';
  if (!URL.canParse(path, origin)) return '/';
  const url = new URL(path, origin);
  // Browsers drop tabs and line breaks in addresses, so the parsed address counts, not the text.
  if (url.origin !== new URL(origin).origin || /^\/(api|\/|\\)/.test(url.pathname)) return '/';
  return `${url.pathname}${url.search}${url.hash}`;
}
