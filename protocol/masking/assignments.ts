import type { Match } from './formats.ts';

/** Names of what is secret whatever it looks like, as a whole name or its last words, in any spelling. */
const NAMES =
  'passwords?|passwd|passphrase|pwd|secrets?|tokens?|tickets?|api[_-]?keys?|access[_-]?keys?|account[_-]?key|secret[_-]?keys?|' +
  'private[_-]?keys?|private[_-]?jwk|encryption[_-]?keys?|client[_-]?secrets?|credentials?|connection[_-]?strings?|cookies?|signature|sig';
const NAME = new RegExp(`(?:${NAMES})(?![A-Za-z0-9])`, 'gi');
const FIELD = new RegExp(`(?:${NAMES}|authorization)$`, 'i');
const SEPARATOR = /\\?["']?[ \t]{0,3}(?:=>|[:=])[ \t]{0,3}/y;
/** Within quotes, by what opens them; a quote in a text that is quoted itself is escaped. */
const QUOTED = /\\["'][^"'\\\r\n]+|"(?:[^"\\\r\n]|\\[^\r\n])+|'(?:[^'\\\r\n]|\\[^\r\n])+/y;
const PLAIN = /[^\s"'&;,(){}[\]<>\\]{6,}/y;

const HEADER = /(?:proxy-)?authorization/gi;
const SCHEME =
  /\\?["']?[ \t]{0,3}[:=][ \t]{0,3}\\?["']?(?:(?:bearer|basic|token|digest|negotiate|apikey)[ \t]{1,3})?/iy;
const CREDENTIALS = /[^\s"',;[\]\\]+/y;
const BEARER = /\bbearer[ \t]{1,3}/gi;
const BEARER_TOKEN = /[A-Za-z0-9._~+/=-]{8,}/y;
/** A word is no token. */
const LONG_TOKEN_CHARS = 24;

/** Something found by what stands before it. */
export interface Assigned {
  kind: string;
  from: number;
  end: number;
}

/** True for a member whose value is secret whatever it looks like: `password`, `refreshToken`, `client_secret`. */
export function isSecretName(name: string): boolean {
  return FIELD.test(name);
}

/** Values that follow a secret's name, and credentials of Authorization headers. Linear: each is read once. */
export function findAssigned(text: string): Assigned[] {
  return [
    ...followed(text, NAME, 'secret', (at) => {
      const from = endOf(SEPARATOR, text, at);
      if (from === null) return { goOn: at };
      const quoted = endOf(QUOTED, text, from);
      if (quoted !== null) return { from: from + (text[from] === '\\' ? 2 : 1), end: quoted };
      const end = endOf(PLAIN, text, from);
      return end === null ? { goOn: from } : { from, end };
    }),
    ...followed(text, HEADER, 'authorization', (at) => {
      const from = endOf(SCHEME, text, at);
      const end = from === null ? null : endOf(CREDENTIALS, text, from);
      return from === null || end === null ? { goOn: at } : { from, end };
    }),
    ...followed(text, BEARER, 'bearer-token', (at) => {
      const end = endOf(BEARER_TOKEN, text, at);
      if (end === null) return { goOn: at };
      const isToken = end - at >= LONG_TOKEN_CHARS || /[0-9]/.test(text.slice(at, end));
      return isToken ? { from: at, end } : { goOn: end };
    }),
  ];
}

/** Finds every place of `before` and what `match` makes of the text behind it. */
function followed(text: string, before: RegExp, kind: string, match: (at: number) => Match): Assigned[] {
  const found: Assigned[] = [];
  before.lastIndex = 0;
  while (before.test(text)) {
    const result = match(before.lastIndex);
    if ('end' in result) found.push({ kind, ...result });
    before.lastIndex = 'end' in result ? result.end : result.goOn;
  }
  return found;
}

function endOf(pattern: RegExp, text: string, at: number): number | null {
  pattern.lastIndex = at;
  return pattern.test(text) ? pattern.lastIndex : null;
}
