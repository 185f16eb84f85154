import { z } from 'zod';
import { ByteStream, type OutputStyle } from './streams.ts';

/** A terminal of the arena: everything that any process needs to know what belongs in it. */
export const TerminalSpec = z.object({
  /** Unique in a run; names its streams and its files. */
  id: z.string(),
  session: z.string(),
  style: z.enum(['binary', 'lines']),
  seed: z.int(),
  /** Clients that type into it. */
  typists: z.int().min(1),
});
export type TerminalSpec = z.infer<typeof TerminalSpec>;

/** Exit code of a terminal's program when it ends by itself. */
export const PROGRAM_EXIT_CODE = 7;

/**
 * The program in a terminal: notes that it was started, records every byte it reads, and prints every byte that comes
 * out of a pipe. It ends when that pipe does.
 */
const PROGRAM = `exec 3<&0; stty raw -echo; echo started >> starts.$1; mkfifo /tmp/out.$1; cat <&3 >> in.$1 & cat /tmp/out.$1; exit ${PROGRAM_EXIT_CODE}`;

export function programOf(spec: TerminalSpec): string[] {
  return ['sh', '-c', PROGRAM, 'sh', spec.id];
}

export function outputOf({ seed, id, style }: TerminalSpec): ByteStream {
  return ByteStream.output(seed, id, style satisfies OutputStyle);
}

export function inputOf({ seed, id, typists }: TerminalSpec, typist: number): ByteStream {
  return ByteStream.input(seed, id, typist, typists);
}
