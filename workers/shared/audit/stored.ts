import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js';
import { z } from 'zod';
import { AuditEntry, MAX_AUDIT_TEXT_CHARS } from '../../../protocol/audit/entry.ts';
import { masker } from '../log.ts';

/** Names of the pieces of a text in one entry. */
const PIECES = [...'ABCDEFGHIJKL'].map((letter) => `text${letter}`);
/** Entries that stand for one at most: several times what an entry can have. What is longer is cut. */
const MAX_PARTS = 8;
const ID_CHARS = 32;

/** An entry as it waits in an actor. */
export const StoredEntry = z.object({ id: z.string(), workspaceId: z.string(), payload: z.string() });
export type StoredEntry = z.infer<typeof StoredEntry>;

/**
 * A stored entry in, what the log is told of it out. One that this release cannot read, because another wrote it, is told
 * as its text, in as many entries as that takes; then `unreadable` says what is wrong. The same every time but for `nowMs`.
 */
export function entriesOf(
  stored: StoredEntry,
  nowMs: number,
): { entries: AuditEntry[]; unreadable: string | null } {
  const read = readEntry(stored);
  return typeof read === 'string'
    ? { entries: standIns(stored, read, nowMs), unreadable: read }
    : { entries: [read], unreadable: null };
}

/** The entry, or what is wrong with it, without anything that it says. */
function readEntry({ id, workspaceId, payload }: StoredEntry): AuditEntry | string {
  const parsed = AuditEntry.safeParse(jsonOf(payload));
  if (!parsed.success) return parsed.error.issues[0]?.path.join('.') || 'no entry';
  return parsed.data.id === id && parsed.data.workspaceId === workspaceId ? parsed.data : 'another entry';
}

/** Entries that say what lies there in place of one. Their ids follow from its own, so that each is taken once. */
export function standIns(
  { id, workspaceId, payload }: StoredEntry,
  why: string,
  nowMs: number,
): AuditEntry[] {
  const pieces = piecesOf(masker.text(payload));
  const parts = Math.min(MAX_PARTS, Math.max(1, Math.ceil(pieces.length / PIECES.length)));
  const digest = bytesToHex(sha256(utf8ToBytes(payload)));
  return Array.from({ length: parts }, (_, at) => {
    const own = pieces.slice(at * PIECES.length, (at + 1) * PIECES.length);
    const texts = Object.fromEntries(own.map((piece, n) => [PIECES[n] ?? '', piece]));
    return AuditEntry.parse({
      ...{ id: bytesToHex(sha256(utf8ToBytes(`${id}/${at}`))).slice(0, ID_CHARS), workspaceId },
      ...{ action: 'audit.unreadable', outcome: 'failed', reason: `this release cannot read: ${why}` },
      actor: { userId: null, credential: { kind: 'system', id: 'audit' } },
      target: { kind: 'audit-entry', id },
      detail: { part: at + 1, parts, chars: payload.length, digest, ...texts },
      ...{ requestId: null, address: null, atMs: nowMs },
    });
  });
}

/** Cuts a text so that each piece fits into an entry, and no character in two. */
function piecesOf(text: string): string[] {
  const pieces: string[] = [];
  let piece = '';
  for (const character of text) {
    if (piece.length + character.length > MAX_AUDIT_TEXT_CHARS) {
      pieces.push(piece);
      piece = '';
    }
    piece += character;
  }
  return piece === '' ? pieces : [...pieces, piece];
}

/** Undefined: no JSON. */
function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
