import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { EscapeScanner } from './escape.ts';

const encoder = new TextEncoder();

/** Feeds the chunks; what came out, and the last action. */
function feed(...chunks: string[]): { text: string; action: string | null } {
  const scanner = new EscapeScanner();
  let text = '';
  let action: string | null = null;
  for (const chunk of chunks) {
    const scanned = scanner.scan(encoder.encode(chunk));
    text += new TextDecoder().decode(scanned.bytes);
    action = scanned.action ?? action;
  }
  return { text, action };
}

describe('EscapeScanner', () => {
  it('detaches on ~. at the start and after Enter', () => {
    expect(feed('~.')).toEqual({ text: '', action: 'detach' });
    expect(feed('ls\r~.')).toEqual({ text: 'ls\r', action: 'detach' });
    expect(feed('ls\r', '~', '.')).toEqual({ text: 'ls\r', action: 'detach' });
  });

  it('leaves a tilde inside a line alone', () => {
    expect(feed('ls ~.')).toEqual({ text: 'ls ~.', action: null });
    expect(feed('x', '~.')).toEqual({ text: 'x~.', action: null });
  });

  it('sends what follows an unknown escape as typed', () => {
    expect(feed('~/bin\r')).toEqual({ text: '~/bin\r', action: null });
    expect(feed('~\r~.')).toEqual({ text: '~\r', action: 'detach' });
  });

  it('sends one tilde for two', () => {
    expect(feed('~~.')).toEqual({ text: '~.', action: null });
  });

  it('asks for help and goes on', () => {
    expect(feed('~?ls\r')).toEqual({ text: 'ls\r', action: 'help' });
    expect(feed('~?~.')).toEqual({ text: '', action: 'detach' });
  });

  it('finds no escape inside a bracketed paste', () => {
    const paste = '\x1b[200~a\r~.b\r\x1b[201~';
    expect(feed(paste)).toEqual({ text: paste, action: null });
    expect(feed(...paste)).toEqual({ text: paste, action: null });
    expect(feed(paste, '\r~.')).toEqual({ text: `${paste}\r`, action: 'detach' });
  });

  it('does not depend on how keystrokes are chunked', () => {
    const piece = fc.constantFrom('~', '.', '?', '\r', '\n', 'a', '\x1b[200~', '\x1b[201~', '\x1b', '[');
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 30 }), (pieces) => {
        const whole = feed(pieces.join(''));
        const split = new EscapeScanner();
        let text = '';
        for (const byte of encoder.encode(pieces.join(''))) {
          const scanned = split.scan(Uint8Array.of(byte));
          text += new TextDecoder().decode(scanned.bytes);
          if (scanned.action === 'detach') break;
        }
        expect(text).toBe(whole.text);
      }),
    );
  });
});
