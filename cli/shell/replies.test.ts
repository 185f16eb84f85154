import { expect, it } from 'vitest';
import { withoutReplies } from './replies.ts';

const filtered = (text: string): string =>
  Buffer.from(withoutReplies(Buffer.from(text, 'utf8'))).toString('utf8');

it.each([
  ['primary device attributes', '\x1b[?62;4;22c'],
  ['secondary device attributes', '\x1b[>0;276;0c'],
  ['status', '\x1b[0n'],
  ['cursor position', '\x1b[24;80R'],
  ['cursor position in the first row', '\x1b[1;12R'],
  ['extended cursor position', '\x1b[?1;1R'],
  ['mode', '\x1b[?2026;2$y'],
  ['window size', '\x1b[8;24;80t'],
  ['setting', '\x1bP1$r0m\x1b\\'],
  ['version', '\x1bP>|xterm(390)\x1b\\'],
  ['background colour', '\x1b]11;rgb:0000/0000/0000\x1b\\'],
  ['palette colour, ended by BEL', '\x1b]4;1;rgb:ffff/0000/0000\x07'],
])('takes away a reply: %s', (_name, reply) => {
  expect(filtered(reply)).toBe('');
  expect(filtered(`ä${reply}b${reply}`)).toBe('äb');
});

it.each([
  ['letters', 'echo $x; [1;2R'],
  ['arrows', '\x1b[A\x1bOB\x1b[1;5C'],
  ['F3 with Shift', '\x1b[1;2R'],
  ['function keys', '\x1b[15~\x1b[24;5~'],
  ['a mouse press', '\x1b[<0;10;5M\x1b[<0;10;5m'],
  ['focus', '\x1b[I\x1b[O'],
  ['a paste', '\x1b[200~0n 11;rgb\x1b[201~'],
  ['Esc and Alt', '\x1b\x1bP'],
])('leaves alone: %s', (_name, keys) => {
  expect(filtered(keys)).toBe(keys);
});
