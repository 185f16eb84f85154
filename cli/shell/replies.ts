/** What a terminal types by itself when a program asks it something, as Latin-1 text. */
const REPLIES = new RegExp(
  [
    // Device attributes, primary to tertiary; status; reports of modes, of the cursor, of the window.
    String.raw`\x1b\[[?>=][\d;]*c`,
    String.raw`\x1b\[0n`,
    String.raw`\x1b\[\??[\d;]*\$y`,
    // A modified F3 is `CSI 1 ; n R`, as is a cursor in the first row: that one counts as the key.
    String.raw`\x1b\[(?:\?[\d;]+|(?!1;\dR)\d+;\d+)R`,
    String.raw`\x1b\[(?:4|6|8);\d+;\d+t`,
    // Settings, versions, colours: strings up to their end.
    String.raw`\x1bP[^\x1b]{0,256}\x1b\\`,
    String.raw`\x1b\](?:4|10|11|12);[^\x07\x1b]{0,64}(?:\x07|\x1b\\)`,
  ].join('|'),
  'g',
);
const ESCAPE = 0x1b;

/**
 * Takes the replies of the person's terminal out of what came from its keyboard. When several people look at one terminal
 * only one may answer: the program reads every answer several times otherwise, and an answer counts as a key, so that the
 * size would follow whose it is. Replies arrive whole: a terminal writes each at once.
 */
export function withoutReplies(keys: Uint8Array): Uint8Array {
  if (!keys.includes(ESCAPE)) return keys;
  const text = Buffer.from(keys).toString('latin1');
  return Buffer.from(text.replaceAll(REPLIES, ''), 'latin1');
}
