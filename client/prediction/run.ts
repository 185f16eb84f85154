import { applyKey, type Editing, type Line } from './line.ts';
import type { Key } from './keys.ts';
import type { Cell, PredictionScreen } from './screen.ts';

/** How far a run's predictions are believed: not yet, that the cursor moves as predicted, or that text echoes too. */
export const Trust = { None: 0, Moves: 1, Text: 2 } as const;
export type Trust = (typeof Trust)[keyof typeof Trust];

/** A key on its way. */
export interface PendingKey {
  key: Key;
  /** Input offset after it. */
  end: number;
  typedAtMs: number;
  /** Where the output stood when it reached the program's terminal, so that its echo can only come after that. */
  appliedAtOutput: number | null;
  appliedAtMs: number;
}

/**
 * Keys in a row on one line of the screen, from a place where it was exactly known, each with the line as it should be
 * after it: one epoch of predictions.
 */
export class Run {
  readonly y: number;
  /** Where the first key found the cursor. */
  readonly startX: number;
  /** What was on the line before it, when a new line began there: a prompt. */
  readonly prompt: string | null;
  trust: Trust = Trust.None;
  /** Keys that were confirmed to echo. */
  credits = 0;
  #base: Line;
  #states: Line[] = [];
  #editing: Editing;

  constructor(screen: PredictionScreen, editing: Editing, fresh: boolean) {
    const { x, y } = screen.cursor;
    this.y = y;
    this.startX = x;
    this.#base = { cells: screen.row(y), x };
    this.#editing = editing;
    this.prompt = fresh ? textOf(this.#base.cells, x) : null;
  }

  /** Keys predicted, of those not confirmed. */
  get length(): number {
    return this.#states.length;
  }

  /** The line as last confirmed. */
  get base(): Line {
    return this.#base;
  }

  /** The line after the first `count` predicted keys. */
  after(count: number): Line {
    return this.#states[count - 1] ?? this.#base;
  }

  /** Predicts the next key; false when it cannot be. */
  extend(key: Key): boolean {
    const next = applyKey(this.after(this.length), key, this.#editing);
    if (next !== null) this.#states.push(next);
    return next !== null;
  }

  /** How many of the first `limit` predicted keys the screen shows the effect of; null when it fits none. */
  shown(screen: PredictionScreen, limit: number): number | null {
    const { x, y } = screen.cursor;
    if (y !== this.y) return null;
    const row = screen.row(y);
    for (let count = Math.min(limit, this.length); count > 0; count--) {
      const line = this.after(count);
      if (line.x === x && sameText(line.cells, row, this.#firstTouched(count), x)) return count;
    }
    return null;
  }

  /** Nothing has moved since the base was taken. */
  unchanged(screen: PredictionScreen): boolean {
    return screen.cursor.y === this.y && screen.cursor.x === this.#base.x;
  }

  /** What a confirmed prediction proves: text that changed the screen as foreseen, or only a cursor that moved. */
  proof(screen: PredictionScreen, keys: readonly Key[]): Trust {
    const row = screen.row(this.y);
    let proof: Trust = Trust.None;
    for (const [index, key] of keys.entries()) {
      const [before, after] = [this.after(index), this.after(index + 1)];
      if (before.x === after.x) continue;
      const at = Math.min(before.x, after.x);
      const changed = row[at]?.text !== this.#base.cells[at]?.text;
      const visible = key.kind === 'text' ? row[at]?.text === key.text && changed : changed;
      if (visible && (key.kind === 'text' || key.kind === 'backspace')) return Trust.Text;
      proof = Trust.Moves;
    }
    return proof;
  }

  /** The screen is the new base, and nothing is predicted on it yet. */
  rebase(screen: PredictionScreen): void {
    this.#base = { cells: screen.row(this.y), x: screen.cursor.x };
    this.#states = [];
  }

  /** Whether the terminal itself echoes from now on; nothing is predicted on the base yet. */
  editBy(echoed: boolean): void {
    this.#editing = { ...this.#editing, echoed };
    this.#states = [];
  }

  #firstTouched(count: number): number {
    let first = this.#base.x;
    for (let at = 1; at <= count; at++) first = Math.min(first, this.after(at).x);
    return first;
  }
}

/** The text of the cells before `x`. */
export function textOf(cells: readonly Cell[], x: number): string {
  return cells
    .slice(0, x)
    .map(({ text }) => text)
    .join('');
}

function sameText(a: readonly Cell[], b: readonly Cell[], from: number, to: number): boolean {
  for (let at = from; at < to; at++) if (a[at]?.text !== b[at]?.text) return false;
  return true;
}
