import type { ScreenSnapshot } from '../../client/index.ts';
import { blankTerminal, difference, lookOf, parsed } from './screen-look.ts';
import type { ByteStream } from './streams.ts';

/** Output before a screen that decides all of it, scrollback included: whole blocks of lines. */
const BLOCK_BYTES = 64 * 1024;
const ENOUGH_BLOCKS = 3;

/** Where the output begins that decides a screen at `offset`. */
function decidedFrom(offset: number): number {
  return Math.max(0, Math.floor(offset / BLOCK_BYTES) - ENOUGH_BLOCKS) * BLOCK_BYTES;
}

/** Whether what a screen shows can be foretold of a terminal whose size has been the same for all output from `steadyFrom` on. */
export function isForetold(offset: number, steadyFrom: number | null): boolean {
  return steadyFrom !== null && decidedFrom(offset) >= steadyFrom;
}

/** Compares a screen with that of a terminal that was shown the bytes themselves. Out: the difference, or null. */
export async function screenIsExact(truth: ByteStream, screen: ScreenSnapshot): Promise<string | null> {
  const from = decidedFrom(screen.offset);
  const show = async (bytes: Uint8Array): Promise<string[]> => {
    const terminal = blankTerminal(screen);
    await parsed(terminal, bytes);
    const look = lookOf(terminal);
    terminal.dispose();
    return look;
  };
  const shown = [show(screen.bytes), show(truth.bytes(from, screen.offset - from))] as const;
  const wrong = difference(...(await Promise.all(shown)));
  return wrong === null ? null : `the screen at ${screen.offset} has ${wrong}`;
}
