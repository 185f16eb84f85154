import { sha256 } from '@noble/hashes/sha2.js';
import { canonicalJson, type Json } from './json.ts';

/** Of the 256 bits of the hash, those kept. */
const CHECKSUM_BYTES = 16;
const encoder = new TextEncoder();

/**
 * The checksum of a document: the first 128 bits of SHA-256 over its canonical JSON (RFC 8785), in hex. Synchronous, so
 * that it is part of the transaction of a change; and any language has what it takes to check it.
 */
export function checksumOf(document: Json): string {
  const digest = sha256(encoder.encode(canonicalJson(document))).subarray(0, CHECKSUM_BYTES);
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
