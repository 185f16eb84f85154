import { z } from 'zod';
import { canonicalJson, type JsonObject } from '../sync/json.ts';
import { Hash } from './row.ts';

const signed = {
  version: z.literal(1),
  workspaceId: z.string(),
  seq: z.int().nonnegative(),
  /** Of the row `seq`. */
  hash: Hash,
  at: z.iso.datetime(),
  /** Id of the key that signed, in the published JSON Web Key Set. */
  kid: z.string(),
  /** Ed25519 over the RFC 8785 text of all other members, in hex. */
  signature: z.string().regex(/^[0-9a-f]{128}$/),
};

/** The deployment's word that the log had this row, and so, by the chain, exactly these rows before it. */
export const AuditCheckpoint = z.strictObject({ type: z.literal('checkpoint'), ...signed });
export type AuditCheckpoint = z.infer<typeof AuditCheckpoint>;

/** The last line of an export: the deployment's word on where it begins and ends, so that nothing is cut off unseen. */
export const AuditExportEnd = z.strictObject({
  type: z.literal('end'),
  ...signed,
  firstSeq: z.int().positive(),
  /** Checkpoints that stand between its rows. */
  checkpoints: z.int().nonnegative(),
});
export type AuditExportEnd = z.infer<typeof AuditExportEnd>;

/** The first line of an export. Rows from `firstSeq` on follow, each checkpoint behind its row. */
export const AuditExportStart = z.strictObject({
  type: z.literal('export'),
  version: z.literal(1),
  workspaceId: z.string(),
  firstSeq: z.int().positive(),
});
export type AuditExportStart = z.infer<typeof AuditExportStart>;

/** The bytes that a signature is made of. */
export function signedBytes(line: JsonObject): Uint8Array<ArrayBuffer> {
  const { signature: _signature, ...rest } = line;
  return Uint8Array.from(new TextEncoder().encode(canonicalJson(rest)));
}

/** Whether `key` (Ed25519, public) signed this line. */
export async function isSignedBy(key: CryptoKey, line: AuditCheckpoint | AuditExportEnd): Promise<boolean> {
  const signature = Uint8Array.from(line.signature.match(/../g) ?? [], (byte) => parseInt(byte, 16));
  return crypto.subtle.verify('Ed25519', key, signature, signedBytes(line));
}
