/** Outcome of {@link checkNumberedLines}. */
export interface NumberedLines {
  /** Complete lines found. */
  count: number;
  /** The first place where a line is not the successor of the one before; null when there is none. */
  firstFault: string | null;
}

/**
 * Checks that text is the lines 0, 1, 2, … each once and in order, byte for byte. What follows the last line end is
 * ignored, being still on its way.
 */
export function checkNumberedLines(text: string, lineOf: (index: number) => string = String): NumberedLines {
  const lines = text.split('\r\n');
  lines.pop();
  const fault = lines.findIndex((line, index) => line !== lineOf(index));
  return {
    count: lines.length,
    firstFault: fault === -1 ? null : `line ${fault} is ${JSON.stringify(lines[fault])}`,
  };
}
