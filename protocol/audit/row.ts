import { sha256 } from '@noble/hashes/sha2.js';
import { z } from 'zod';
import { canonicalJson, type JsonObject } from '../sync/json.ts';
import type { AuditEntry } from './entry.ts';

/** What the first row has in place of the hash of a row before it. */
export const FIRST_PREVIOUS_HASH = '0'.repeat(64);
/** SHA-256 in lower-case hex. */
export const Hash = z.string().regex(/^[0-9a-f]{64}$/);

/**
 * A row of an audit log. `seq` counts from 1 without gaps; `hash` is the SHA-256, in hex, of the RFC 8785 text of all
 * other members, of which `previousHash` is one. Readers take any action: a newer release may know more.
 */
export const AuditRow = z.strictObject({
  type: z.literal('entry'),
  version: z.literal(1),
  workspaceId: z.string(),
  seq: z.int().positive(),
  id: z.string(),
  /** When it happened, as the actor says that told it: not necessarily in the order of `seq`. */
  at: z.iso.datetime(),
  action: z.string(),
  actor: z.strictObject({
    userId: z.string().nullable(),
    credential: z.strictObject({ kind: z.string(), id: z.string() }).nullable(),
  }),
  target: z.strictObject({ kind: z.string(), id: z.string() }),
  outcome: z.string(),
  reason: z.string().nullable(),
  detail: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])),
  requestId: z.string().nullable(),
  address: z.string().nullable(),
  previousHash: Hash,
  hash: Hash,
});
export type AuditRow = z.infer<typeof AuditRow>;

/** The place after which a row is put: the newest row's, or that of an empty log. */
export interface AuditHead {
  seq: number;
  hash: string;
}
export const EMPTY_HEAD: AuditHead = { seq: 0, hash: FIRST_PREVIOUS_HASH };

/** The row that an entry becomes behind `head`. */
export function rowAfter(head: AuditHead, entry: AuditEntry): AuditRow {
  const { atMs, ...told } = entry;
  const unsealed = {
    ...told,
    ...({ type: 'entry', version: 1 } as const),
    seq: head.seq + 1,
    at: new Date(atMs).toISOString(),
    previousHash: head.hash,
  };
  return { ...unsealed, hash: hashOf(unsealed) };
}

/** The hash a row ought to have: over everything in it but `hash`, also members that this release does not know. */
export function hashOf(row: JsonObject): string {
  const { hash: _hash, ...sealed } = row;
  const digest = sha256(new TextEncoder().encode(canonicalJson(sealed)));
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
