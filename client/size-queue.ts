import type { TerminalSize } from '../protocol/messages/session.ts';

/** A size that holds from an output offset on. */
export interface SizeChange {
  offset: number;
  size: TerminalSize;
}

/** Changes of a terminal's size that wait for the output before them, in order. */
export class SizeQueue {
  #waiting: SizeChange[] = [];
  /** The newest one that was taken. */
  #taken: SizeChange | null = null;

  /** Adds what was told; what is told again, as after an attachment, changes nothing. */
  add(change: SizeChange): void {
    const { offset, size } = change;
    const newest = this.#waiting.at(-1) ?? this.#taken;
    if (newest !== null && offset < newest.offset) return;
    if (newest?.offset === offset && newest.size.cols === size.cols && newest.size.rows === size.rows) return;
    this.#waiting.push(change);
  }

  /** Takes the next change that begins at `offset` or before; null when there is none. */
  takeUpTo(offset: number): SizeChange | null {
    const next = this.#waiting[0];
    if (next === undefined || next.offset > offset) return null;
    this.#waiting.shift();
    this.#taken = next;
    return next;
  }

  /** A screen stands for everything before its offset, sizes included. */
  screen(change: SizeChange): void {
    this.#waiting = this.#waiting.filter(({ offset }) => offset > change.offset);
    this.#taken = change;
  }
}
