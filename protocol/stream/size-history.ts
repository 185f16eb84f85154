import { MAX_SIZE_CHANGES } from '../limits.ts';
import type { TerminalSize } from '../messages/session.ts';

/** The size a terminal has for the output from `offset` on. */
export interface SizeChange extends TerminalSize {
  offset: number;
}

/** The changes of a terminal's size beside its newest output, in order; at most {@link MAX_SIZE_CHANGES}. */
export class SizeHistory {
  #changes: SizeChange[] = [];
  #from: number;

  /** `from`: changes before it are not known. */
  constructor(from = 0) {
    this.#from = from;
  }

  /** For output from here on every change is known, and the size it begins with if that ever changed. */
  get from(): number {
    return this.#from;
  }

  /** The newest change. Of several at one offset only the last counts. */
  add({ offset, cols, rows }: SizeChange): void {
    if (this.#changes.at(-1)?.offset === offset) this.#changes.pop();
    this.#changes.push({ offset, cols, rows });
    if (this.#changes.length <= MAX_SIZE_CHANGES) return;
    this.#changes.shift();
    this.#from = this.#changes[0]?.offset ?? offset;
  }

  /** What somebody needs who goes on at `offset`: the change in force there, if any, and all after it. */
  since(offset: number): SizeChange[] {
    const inForce = this.#changes.findLastIndex((change) => change.offset <= offset);
    return this.#changes.slice(Math.max(0, inForce));
  }

  /** Takes over what another history knows {@link since} `offset`. */
  learn(offset: number, changes: readonly SizeChange[]): void {
    const first = changes[0]?.offset ?? Infinity;
    const before = this.#changes.filter((change) => change.offset < Math.min(first, offset));
    this.#changes = [];
    for (const change of [...before, ...changes]) this.add(change);
    this.#from = Math.min(this.#from, offset);
  }

  /** Output before `offset` is not kept any more. */
  dropBefore(offset: number): void {
    const inForce = this.#changes.findLastIndex((change) => change.offset <= offset);
    if (inForce > 0) this.#changes.splice(0, inForce);
  }
}
