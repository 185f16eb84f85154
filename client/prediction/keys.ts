import { certainWidth } from './width.ts';

/** A key as far as predictions care. `bytes`: its length in the input. */
export type Key =
  | { kind: 'text'; text: string; width: 1 | 2; bytes: number }
  | { kind: 'backspace' | 'left' | 'right'; bytes: number }
  /** Whatever may do anything. `endsLine`: after it a new line is edited. */
  | { kind: 'other'; endsLine: boolean; bytes: number };

/** More than that at once was not typed: a paste is not predicted. */
const MAX_TYPED_BYTES = 64;
const PASTE_START = '\u001b[200~';
const ESCAPE = '\u001b';
const DELETE = '\u007f';
/** Enter, line feed, and the keys that make signals or end input. */
const ENDS_LINE = ['\r', '\n', '\u0003', '\u0004', '\u001a', '\u001c'];
/** CSI and SS3 sequences, and Alt with a key. */
const SEQUENCE = new RegExp(`${ESCAPE}(?:\\[[0-?]*[ -/]*[@-~]|O.|.)?`, 'uy');
const ARROW = new RegExp(`^${ESCAPE}[[O]([CD])$`);

const encoder = new TextEncoder();
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Reads typed bytes as keys; their lengths add up to what was given. */
export function readKeys(bytes: Uint8Array): Key[] {
  const text = decode(bytes);
  if (text === null || bytes.length > MAX_TYPED_BYTES || text.includes(PASTE_START)) {
    return [{ kind: 'other', endsLine: text === null || endsLine(text), bytes: bytes.length }];
  }
  const keys: Key[] = [];
  for (let at = 0; at < text.length;) {
    SEQUENCE.lastIndex = at;
    const sequence = text[at] === ESCAPE ? (SEQUENCE.exec(text)?.[0] ?? ESCAPE) : null;
    const character = sequence ?? String.fromCodePoint(text.codePointAt(at) ?? 0);
    keys.push(sequence === null ? fromCharacter(character) : fromSequence(sequence));
    at += character.length;
  }
  return keys;
}

function fromCharacter(text: string): Key {
  const bytes = encoder.encode(text).length;
  if (text === DELETE) return { kind: 'backspace', bytes };
  const width = certainWidth(text.codePointAt(0) ?? 0);
  return width === null
    ? { kind: 'other', endsLine: endsLine(text), bytes }
    : { kind: 'text', text, width, bytes };
}

function fromSequence(sequence: string): Key {
  const bytes = encoder.encode(sequence).length;
  const arrow = ARROW.exec(sequence)?.[1];
  if (arrow === undefined) return { kind: 'other', endsLine: false, bytes };
  return { kind: arrow === 'C' ? 'right' : 'left', bytes };
}

function endsLine(text: string): boolean {
  return ENDS_LINE.some((key) => text.includes(key));
}

function decode(bytes: Uint8Array): string | null {
  try {
    return decoder.decode(bytes);
  } catch {
    return null;
  }
}
