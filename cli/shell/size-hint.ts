import type { Participant, TerminalSize } from '../../protocol/messages/session.ts';
import { printable } from '../output.ts';

/** Says when the terminal's size is not this window's, and whose it is; once for each size. Null: nothing new. */
export class SizeHint {
  #told = '';

  /** What was said is gone from the screen: it is new again. */
  forget(): void {
    this.#told = '';
  }

  /** `sizer`: whose window the size follows, null when it is this one's or nobody's. */
  next(
    terminal: TerminalSize,
    window: TerminalSize,
    sizer: Pick<Participant, 'displayName'> | null,
    mayType: boolean,
  ): string | null {
    const fits = terminal.cols === window.cols && terminal.rows === window.rows;
    const key = fits || sizer === null ? '' : `${sizer.displayName} ${terminal.cols}x${terminal.rows}`;
    if (key === this.#told) return null;
    this.#told = key;
    if (sizer === null || fits) return null;
    const sized = `sized by ${printable(sizer.displayName)}: ${terminal.cols}x${terminal.rows}`;
    const own = `your window is ${window.cols}x${window.rows}`;
    return `${sized}, ${own}${mayType ? '; type to use yours' : ''}`;
  }
}
