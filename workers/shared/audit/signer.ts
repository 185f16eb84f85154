import type { JWK } from 'jose';
import { signedBytes } from '../../../protocol/audit/checkpoint.ts';
import type { JsonObject } from '../../../protocol/sync/json.ts';
import { bootstrapPair } from '../keyring.ts';

/** Signs what an audit log states of itself. */
export interface AuditSigner {
  kid: string;
  /** The public half, as it is published. */
  publicJwk: JWK;
  /** `line` with `kid` and `signature`. */
  sign<Line extends JsonObject>(line: Line): Promise<Line & { kid: string; signature: string }>;
}

/**
 * The signer of this deployment. Its key is the configured one and none of those that change by themselves and are
 * forgotten with their tokens: a checkpoint is to be verified years later. Rejects when SIGNING_KEY is no such key.
 */
export async function auditSigner(signingKey: string): Promise<AuditSigner> {
  const { kid, sign, published } = await bootstrapPair(signingKey);
  return {
    kid,
    publicJwk: { kty: 'OKP', crv: 'Ed25519', x: published.x, kid, alg: 'EdDSA', use: 'sig' },
    async sign(line) {
      const named = { ...line, kid };
      const signature = await crypto.subtle.sign('Ed25519', sign, signedBytes(named));
      const hex = Array.from(new Uint8Array(signature), (byte) => byte.toString(16).padStart(2, '0'));
      return { ...named, signature: hex.join('') };
    },
  };
}
