/** Consonants: no code is a word, none has characters that are taken for each other (RFC 8628, 6.1). */
const LETTERS = 'BCDFGHJKLMNPQRSTVWXZ';
const LENGTH = 8;
const HALF = LENGTH / 2;

/** A new user code of 34 bits, as it is shown: `BCDF-GHJK`. */
export function newUserCode(): string {
  let code = '';
  while (code.length < LENGTH) {
    const [byte = 0] = crypto.getRandomValues(new Uint8Array(1));
    // Bytes beyond the last whole multiple would favour the first letters.
    if (byte < Math.floor(256 / LETTERS.length) * LETTERS.length) code += LETTERS[byte % LETTERS.length];
  }
  return `${code.slice(0, HALF)}-${code.slice(HALF)}`;
}

/** A code as a person typed it, in the form it is shown in. Null: not the form of a code. */
export function parseUserCode(text: string): string | null {
  const letters = text.toUpperCase().replaceAll(/[^A-Z0-9]/g, '');
  const isCode = letters.length === LENGTH && [...letters].every((letter) => LETTERS.includes(letter));
  return isCode && text.length <= 40 ? `${letters.slice(0, HALF)}-${letters.slice(HALF)}` : null;
}
