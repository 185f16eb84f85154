import { sha256 } from '@noble/hashes/sha2.js';
import { base64Url } from './ids.ts';

/**
 * An API key: `alex_<id>_<secret>`. The id (16 characters of base 62) finds the key's actor; the secret is 256 random
 * bits (43 characters) and a checksum (6 characters) over all before it, by which typing errors and most of what only
 * looks like a key are told without asking anybody, and by which secret scanners can be sure of what they found.
 */
export const API_KEY_PATTERN = /\balex_([0-9A-Za-z]{16})_([0-9A-Za-z]{43})([0-9A-Za-z]{6})\b/;

const PREFIX = 'alex_';
const ID_CHARS = 16;
const SECRET_BYTES = 32;
const SECRET_CHARS = 43;
const CHECKSUM_BYTES = 4;
const CHECKSUM_CHARS = 6;
const ALPHABET = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
const WHOLE = new RegExp(`^${API_KEY_PATTERN.source}$`);

/** A key's parts; `hash` is what is kept of it. */
export interface ParsedApiKey {
  id: string;
  hash: string;
}

/** Draws a key. The text goes to its owner, once; only the hash is stored. */
export function drawApiKey(): ParsedApiKey & { key: string } {
  // 96 random bits name it: more than enough that no two are alike.
  const id = toBase62(crypto.getRandomValues(new Uint8Array(12)), 17).slice(-ID_CHARS);
  const body = `${PREFIX}${id}_${toBase62(crypto.getRandomValues(new Uint8Array(SECRET_BYTES)), SECRET_CHARS)}`;
  const key = `${body}${checksumOf(body)}`;
  return { key, id, hash: hashOf(key) };
}

/** Whether a bearer is meant as a key, good or not. */
export function looksLikeApiKey(text: string): boolean {
  return text.startsWith(PREFIX);
}

/** The parts of a well-formed key; null for what is none. */
export function parseApiKey(text: string): ParsedApiKey | null {
  const [, id] = WHOLE.exec(text) ?? [];
  if (id === undefined) return null;
  const body = text.slice(0, -CHECKSUM_CHARS);
  return checksumOf(body) === text.slice(-CHECKSUM_CHARS) ? { id, hash: hashOf(text) } : null;
}

/**
 * What is kept of a key: SHA-256, url-safe. A slow hash would protect secrets that people choose and others can guess;
 * nobody guesses 256 random bits, and every request would pay for it.
 */
function hashOf(key: string): string {
  return base64Url(sha256(new TextEncoder().encode(key)));
}

function checksumOf(body: string): string {
  return toBase62(sha256(new TextEncoder().encode(body)).subarray(0, CHECKSUM_BYTES), CHECKSUM_CHARS);
}

function toBase62(bytes: Uint8Array, chars: number): string {
  let rest = bytes.reduce((number, byte) => number * 256n + BigInt(byte), 0n);
  let text = '';
  while (text.length < chars) {
    text = `${ALPHABET[Number(rest % 62n)] ?? ''}${text}`;
    rest /= 62n;
  }
  return text;
}
