/** One line of an export. */
export type Line = { type: string } & Record<string, unknown>;

/**
 * A body of JSON lines, made as they are read. One that fails half-way is broken off, so that whoever reads it can tell:
 * only a whole one has the line of type `end`, which says how many came before it.
 */
export function jsonLines(lines: AsyncGenerator<Line>): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder();
  let count = 0;
  return new ReadableStream({
    async pull(controller) {
      const next = await lines.next();
      const line = next.done === true ? { type: 'end', lines: count } : next.value;
      controller.enqueue(encoder.encode(`${JSON.stringify(line)}\n`));
      count += 1;
      if (next.done === true) controller.close();
    },
    async cancel() {
      await lines.return(undefined);
    },
  });
}
