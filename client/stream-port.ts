import type { TerminalExit, TerminalMode, TerminalSize } from '../protocol/messages/session.ts';
import type { ViewerToSession } from '../protocol/messages/viewer.ts';
import type { ScreenSnapshot } from './screen-assembly.ts';

/** Where a terminal's output goes. `consumed` says the bytes were dealt with, which lets more come. */
export interface TerminalSink {
  /** `end`: output offset after these bytes. */
  output(bytes: Uint8Array, consumed: () => void, end: number): void;
  /** Blank the terminal, give it this size and write these bytes; they stand for everything so far. */
  screen(screen: ScreenSnapshot, consumed: () => void): void;
  /** The terminal has this size for all output that follows. */
  resized?(size: TerminalSize): void;
  /** After the last byte. */
  exited?(exit: TerminalExit): void;
}

/** What becomes of typed bytes: all that predictive echo needs besides the screen. */
export interface InputObserver {
  /** These bytes were typed; `end` is the input offset after them. */
  typed(bytes: Uint8Array, end: number): void;
  /** Everything before input offset `applied` reached the program's terminal, whose output stood at `output` then. */
  applied(applied: number, output: number): void;
  /** What the line discipline does with keys is known, or changed. */
  mode(mode: TerminalMode): void;
}

/** The way to the session actor. Nothing is sent while it is down. */
export interface StreamPort {
  send(message: ViewerToSession): void;
  sendFrame(bytes: Uint8Array<ArrayBuffer>): void;
}
