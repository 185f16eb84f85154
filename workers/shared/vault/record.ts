import { NONCE_BYTES, TAG_BYTES } from './aes-gcm.ts';

/**
 * How a sealed record is written down. Pure.
 *
 *     version (1) | data key (4) | salt (24) | counter (4) | ciphertext | tag (16)
 *
 * Numbers are big-endian, so that SQL can compare the data keys of records: `substr(content, 2, 4)`.
 */
const VERSION = 1;
export const SALT_BYTES = 24;
const KEY_AT = 1;
const SALT_AT = 5;
const COUNTER_AT = SALT_AT + SALT_BYTES;
export const HEADER_BYTES = COUNTER_AT + 4;
/** How much longer a record is than what is in it. */
export const OVERHEAD_BYTES = HEADER_BYTES + TAG_BYTES;

/** Whose records they are: everything of an actor has one owner. */
export interface Owner {
  /** The workspace, or what else separates tenants. */
  tenant: string;
  /** The session, user or other thing, with its kind: `session/ID`. */
  subject: string;
}

/** Where a record belongs within its owner's: the kind of thing, and which one. It opens nowhere else. */
export interface Place {
  stream: string;
  sequence: number | string;
}

/** What the front of a record says. */
export interface Header {
  dataKey: number;
  salt: Uint8Array;
  counter: number;
}

const encoder = new TextEncoder();

export function encodeHeader({ dataKey, salt, counter }: Header): Uint8Array {
  const bytes = new Uint8Array(HEADER_BYTES);
  const view = new DataView(bytes.buffer);
  view.setUint8(0, VERSION);
  view.setUint32(KEY_AT, dataKey);
  bytes.set(salt, SALT_AT);
  view.setUint32(COUNTER_AT, counter);
  return bytes;
}

/** Null: it is too short, or of another version. */
export function decodeHeader(record: Uint8Array): Header | null {
  if (record.length < OVERHEAD_BYTES || record[0] !== VERSION) return null;
  const view = new DataView(record.buffer, record.byteOffset, record.byteLength);
  return {
    dataKey: view.getUint32(KEY_AT),
    salt: record.subarray(SALT_AT, COUNTER_AT),
    counter: view.getUint32(COUNTER_AT),
  };
}

/** The nonce of the message with this number under its subkey. */
export function nonceOf(counter: number): Uint8Array {
  const nonce = new Uint8Array(NONCE_BYTES);
  new DataView(nonce.buffer).setUint32(NONCE_BYTES - 4, counter);
  return nonce;
}

/** What a data key is bound to when it is wrapped. */
export function keyContext({ tenant, subject }: Owner, dataKey: number): Uint8Array {
  return encoder.encode(JSON.stringify([tenant, subject, dataKey]));
}

/** What a record is bound to beside its header. As JSON, no two places are written alike. */
export function recordContext({ tenant, subject }: Owner, { stream, sequence }: Place): Uint8Array {
  return encoder.encode(JSON.stringify([tenant, subject, stream, sequence]));
}
