import { within } from '../test/support/deadline.ts';

/** A running program behind a terminal, however far away. What every contestant offers. */
export interface BenchTerminal {
  /** Types. */
  write(data: Uint8Array): void;
  /**
   * Receives output from now on; one listener at a time. Where there is flow control, a promise says when the bytes
   * were dealt with; without one they are at once.
   */
  listen(listener: (bytes: Uint8Array) => void | Promise<void>): void;
  /** Ends the program and what was started for it. */
  close(): Promise<void>;
}

/** One way to reach a terminal. */
export interface Contestant<Terminal extends BenchTerminal = BenchTerminal> {
  name: string;
  /** Starts `command` in an 80x24 terminal. */
  open(command: readonly string[]): Promise<Terminal>;
  close(): Promise<void>;
}

/** Waits until the output so far contains `text`, then resolves. Takes the listener. */
export function outputWith(terminal: BenchTerminal, text: string, timeoutMs: number): Promise<void> {
  const decoder = new TextDecoder();
  let seen = '';
  const found = new Promise<void>((resolve) => {
    terminal.listen((bytes) => {
      seen = (seen + decoder.decode(bytes, { stream: true })).slice(-4096);
      if (seen.includes(text)) resolve();
    });
  });
  return within(found, timeoutMs, `waiting for ${JSON.stringify(text)}`);
}
