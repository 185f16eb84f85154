import headless from '@xterm/headless';
import { type Charset, type EmulatorState, stateOf } from './emulator-state.ts';

/** Finals of the sequences that designate a character set: line drawing and national sets. ASCII is `B`. */
const FINALS = '0A45CRQKYE6ZH7=';
const ASCII = 'B';
/** Intermediates that designate G0 to G3, and what invokes each. */
const DESIGNATE = ['(', ')', '*', '+'] as const;
const INVOKE = ['\x0f', '\x0e', '\x1bn', '\x1bo'] as const;

let finals: Map<Charset, string> | null = null;

/** Which final designates which table of the library. */
function finalOf(charset: Charset): string {
  finals ??= readFinals();
  return finals.get(charset) ?? ASCII;
}

function readFinals(): Map<Charset, string> {
  const terminal = new headless.Terminal({ allowProposedApi: true });
  const { _inputHandler: handler, _charsetService: service } = stateOf(terminal);
  const found = new Map<Charset, string>();
  for (const final of FINALS) {
    handler.selectCharset(`(${final}`);
    if (!found.has(service.charset)) found.set(service.charset, final);
  }
  terminal.dispose();
  return found;
}

/** Designates G0 and invokes it. */
export function charsetSequence(charset: Charset): string {
  return `\x1b(${finalOf(charset)}\x0f`;
}

/** Designates and invokes all sets as they are; `always` also where they are as in a fresh terminal. */
export function charsetsSequence({ _charsetService: service }: EmulatorState, always: boolean): string {
  const plain = service.glevel === 0 && service._charsets.every((charset) => charset === undefined);
  if (plain && !always) return '';
  const designated = DESIGNATE.map(
    (intermediate, g) => `\x1b${intermediate}${finalOf(service._charsets[g])}`,
  );
  return `${designated.join('')}${INVOKE[service.glevel] ?? INVOKE[0]}`;
}

/** What has to be printed for `text` to come out: the sets replace ASCII characters. */
export function beforeCharset(text: string, charset: Charset): string {
  if (charset === undefined) return text;
  return [...text]
    .map((character) => {
      if (charset[character] === undefined) return character;
      return Object.keys(charset).find((key) => charset[key] === character) ?? character;
    })
    .join('');
}
