import { z } from 'zod';

/** A private Ed25519 key (RFC 8037). */
export const PrivateJwk = z.object({
  kty: z.literal('OKP'),
  crv: z.literal('Ed25519'),
  x: z.string(),
  d: z.string(),
});
export type PrivateJwk = z.infer<typeof PrivateJwk>;

/** The key that signs now, and until when it may. */
export interface SigningKey {
  kid: string;
  privateJwk: PrivateJwk;
  /** Milliseconds since the epoch. */
  untilMs: number;
}

/** A key that tokens may be signed with: its id and the `x` of its public JWK. */
export const PublishedKey = z.object({ kid: z.string(), x: z.string() });
export type PublishedKey = z.infer<typeof PublishedKey>;

/** Typed RPC of KeyringDO (addressed by `idFromName('issuer')`). */
export interface KeyringRpc {
  signer(): Promise<SigningKey>;
  /** Every key that signs, will soon, or did while tokens of it may still be good. */
  published(): Promise<PublishedKey[]>;
}
