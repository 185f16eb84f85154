import type { TerminalMode } from '../../protocol/messages/session.ts';
import { Confidence } from './confidence.ts';
import { type Key, readKeys } from './keys.ts';
import type { Editing } from './line.ts';
import { type Overlay, overlayOf } from './overlay.ts';
import { LatencyPolicy, type PredictionSetting } from './policy.ts';
import { type PendingKey, Run, textOf, Trust } from './run.ts';
import type { PredictionScreen } from './screen.ts';

/** A key that reached the program and shows no effect for so long was not echoed... */
const SILENT_MS = 250;
/** ...and sooner when the screen has changed otherwise. */
const DIVERGED_MS = 100;
/** After the last key reached the program, the screen is taken for settled. */
const SETTLE_MS = 30;
/** Keys on their way; more are not predicted. */
const MAX_PENDING = 256;

/** What became of predictions. */
export interface PredictionCounts {
  /** Keys shown before the server's echo, and how many of them were taken back. */
  shown: number;
  wrong: number;
}

/**
 * Predictive echo of one terminal, without clock, screen or network of its own: keys in, acknowledgements and parsed
 * output in, an overlay out.
 *
 * A run of keys is predicted on one line, from a screen that is exactly known. Nothing of it is shown until the screen
 * has echoed one of its keys (mosh's epochs), or the line follows a prompt that echoed before. Confirmation is exact: the
 * acknowledgement of a key says where the output stood when the key reached the terminal, so its echo lies behind that
 * place and nowhere else. What can do anything (Enter, Tab, Ctrl) ends the run; the next one begins at the
 * acknowledgement of the first key behind it. Times only matter for a key that is never echoed.
 */
export class Predictor {
  readonly counts: PredictionCounts = { shown: 0, wrong: 0 };
  readonly #screen: PredictionScreen;
  readonly #policy: LatencyPolicy;
  readonly #confidence = new Confidence();
  /** Typed and not yet seen on the screen; the first `run.length` are predicted. */
  #pending: PendingKey[] = [];
  #run: Run | null = null;
  #mode: TerminalMode | null = null;
  /** Output on the screen. */
  #parsed = 0;
  /** A run begins when exactly this much output is parsed: the acknowledgement was faster than the screen. */
  #beginAt: number | null = null;
  /** Output and time at the last acknowledgement. */
  #lastApplied = { output: 0, atMs: Number.NEGATIVE_INFINITY };
  /** A new line begins with the next run. */
  #fresh = false;
  /** What stands before the text of the line being edited. */
  #lineStart: string | null = null;
  /** Input offset up to which keys were counted as shown. */
  #countedTo = 0;

  constructor(screen: PredictionScreen, setting: PredictionSetting) {
    this.#screen = screen;
    this.#policy = new LatencyPolicy(setting);
  }

  set setting(setting: PredictionSetting) {
    this.#policy.setting = setting;
    if (setting === 'off') this.reset();
  }

  get setting(): PredictionSetting {
    return this.#policy.setting;
  }

  roundTrip(smoothedMs: number | null): void {
    this.#policy.measured(smoothedMs);
  }

  /** The terminal was just opened: the first thing on it is a prompt. */
  born(): void {
    this.#fresh = true;
  }

  /** These bytes were typed; `end` is the input offset after them. */
  typed(bytes: Uint8Array, end: number, nowMs: number): void {
    if (this.#policy.setting === 'off') return;
    let offset = end - bytes.length;
    for (const key of readKeys(bytes)) {
      offset += key.bytes;
      this.#typedKey(key, offset, nowMs);
    }
  }

  /** Everything before input offset `applied` reached the program's terminal, whose output stood at `output` then. */
  applied(applied: number, output: number, nowMs: number): void {
    const first = this.#pending.findIndex(({ appliedAtOutput }) => appliedAtOutput === null);
    let fresh = 0;
    for (const each of this.#pending) {
      if (each.appliedAtOutput !== null || each.end > applied) continue;
      each.appliedAtOutput = output;
      each.appliedAtMs = nowMs;
      fresh += 1;
    }
    if (fresh > 0) this.#lastApplied = { output, atMs: nowMs };
    if (this.#run !== null) return this.tick(nowMs);
    if (fresh > 0 && this.#mayBegin(first, fresh, output)) {
      if (this.#parsed === output) this.#begin(first);
      else this.#beginAt = output;
    }
  }

  /** The screen shows the output up to `offset`. */
  parsed(offset: number, nowMs: number): void {
    this.#parsed = offset;
    const at = this.#beginAt;
    if (at !== null && offset >= at) {
      this.#beginAt = null;
      const first = this.#pending.findIndex(({ appliedAtOutput }) => appliedAtOutput === at);
      if (offset === at && first !== -1 && this.#run === null) this.#begin(first);
    }
    this.tick(nowMs);
  }

  /** The line discipline is known, or changed. */
  mode(mode: TerminalMode): void {
    const before = this.#mode;
    this.#mode = mode;
    if (before !== null && before.canonical === mode.canonical && before.echo === mode.echo) return;
    const run = this.#run;
    if (run === null || this.#blind) return this.reset();
    // Another program reads now, or this one was told late: what is predicted has to be believed anew.
    run.editBy(mode.echo);
    run.trust = this.#confidence.initial(run, this.#screen.alternate, this.#mode);
    this.#resume(run);
  }

  /** The screen was replaced or resized: what was predicted on the old one is void. Keys on their way stay so. */
  reset(): void {
    this.#run = null;
    this.#beginAt = null;
  }

  /** Looks at the screen and the clock: what is confirmed leaves the overlay, what is wrong takes all with it. */
  tick(nowMs: number): void {
    const run = this.#run;
    const oldest = this.#pending[0];
    if (run === null || run.length === 0 || oldest === undefined) return;
    const applied = this.#pending.findIndex(({ appliedAtOutput }) => appliedAtOutput === null);
    const limit = applied === -1 ? this.#pending.length : applied;
    const count = run.shown(this.#screen, limit);
    if (count !== null) return this.#confirm(run, count);
    if (oldest.appliedAtOutput === null) return;
    // What it printed is still on its way here.
    if (this.#parsed < oldest.appliedAtOutput) oldest.appliedAtMs = nowMs;
    const patienceMs = run.unchanged(this.#screen) ? SILENT_MS : DIVERGED_MS;
    if (nowMs - oldest.appliedAtMs >= patienceMs) this.#mismatch(run);
  }

  /** When to {@link tick} and draw again although nothing happens; null: never. */
  nextChangeMs(nowMs: number): number | null {
    const oldest = this.#pending[0];
    if (this.#run === null || this.#run.length === 0 || oldest === undefined) return null;
    const times = this.#policy.turningPointsMs.map((afterMs) => oldest.typedAtMs + afterMs);
    if (oldest.appliedAtOutput !== null)
      times.push(oldest.appliedAtMs + DIVERGED_MS, oldest.appliedAtMs + SILENT_MS);
    const next = Math.min(...times.filter((time) => time > nowMs));
    return Number.isFinite(next) ? next : null;
  }

  /** What to show over the screen now; null: nothing. */
  overlay(nowMs: number): Overlay | null {
    const run = this.#run;
    const oldest = this.#pending[0];
    if (run === null || oldest === undefined || this.#blind) return null;
    const waitedMs = nowMs - oldest.typedAtMs;
    if (!this.#policy.shows(waitedMs)) return null;
    const count = this.#believed(run);
    if (count === 0) return null;
    const lastEnd = this.#pending[count - 1]?.end ?? 0;
    for (const { end } of this.#pending.slice(0, count)) if (end > this.#countedTo) this.counts.shown += 1;
    this.#countedTo = Math.max(this.#countedTo, lastEnd);
    return overlayOf(this.#screen, run, count, this.#policy.underlines(waitedMs));
  }

  /** A password is read: nothing is predicted. */
  get #blind(): boolean {
    return this.#mode !== null && this.#mode.canonical && !this.#mode.echo;
  }

  #typedKey(key: Key, end: number, nowMs: number): void {
    if (this.#pending.length >= MAX_PENDING) {
      this.#pending = [];
      this.reset();
    }
    if (key.kind === 'other') {
      this.#fresh = key.endsLine;
    } else if (this.#settled(nowMs) && !this.#blind) {
      this.#pending = [];
      this.#beginIdle();
    }
    const whole = this.#run !== null && this.#run.length === this.#pending.length;
    this.#pending.push({ key, end, typedAtMs: nowMs, appliedAtOutput: null, appliedAtMs: 0 });
    if (whole && this.#run?.extend(key) === false && this.#run.length === 0) this.reset();
  }

  /** Every key so far has had its effect, as far as can be known. */
  #settled(nowMs: number): boolean {
    if (this.#run !== null && this.#run.length > 0) return false;
    if (this.#pending.some(({ appliedAtOutput }) => appliedAtOutput === null)) return false;
    const { output, atMs } = this.#lastApplied;
    if (this.#parsed < output) return false;
    return this.#pending.length === 0 || this.#parsed > output || nowMs - atMs >= SETTLE_MS;
  }

  /** Begins on a settled screen, or goes on with the run there is when the cursor is where it left it. */
  #beginIdle(): void {
    if (this.#run?.unchanged(this.#screen) === true) this.#run.rebase(this.#screen);
    else this.#newRun();
  }

  /** Keys from the `first` on were just applied, those before them earlier: does the screen now tell where they go? */
  #mayBegin(first: number, fresh: number, output: number): boolean {
    if (this.#blind) return false;
    if (this.#pending.slice(first, first + fresh).some(({ key }) => key.kind === 'other')) return false;
    const before = this.#pending[first - 1];
    return before === undefined || (before.appliedAtOutput ?? 0) < output;
  }

  #begin(first: number): void {
    this.#pending = this.#pending.slice(first);
    const run = this.#newRun();
    this.#resume(run);
  }

  #newRun(): Run {
    const { x, y } = this.#screen.cursor;
    const before = textOf(this.#screen.row(y), x);
    const start = this.#lineStart;
    const exact = start !== null && start.length <= x && before.startsWith(start);
    const echoed = this.#mode?.echo === true;
    const editing: Editing = { echoed, minX: exact ? start.length : x, exact };
    const run = new Run(this.#screen, editing, this.#fresh);
    this.#run = run;
    this.#fresh = false;
    run.trust = this.#confidence.initial(run, this.#screen.alternate, this.#mode);
    return run;
  }

  #confirm(run: Run, count: number): void {
    const confirmed = this.#pending.splice(0, count);
    const proof = run.proof(
      this.#screen,
      confirmed.map(({ key }) => key),
    );
    // A later key of this run had its chance to echo as well: which one the screen shows is not certain, and proves nothing.
    const next = count < run.length ? (this.#pending[0]?.appliedAtOutput ?? null) : null;
    const certain = next === null || next >= this.#parsed;
    const { alternate } = this.#screen;
    if (certain && this.#confidence.confirmed(run, proof, count, alternate, this.#mode))
      this.#lineStart = run.prompt;
    run.rebase(this.#screen);
    this.#resume(run);
  }

  /** Predicts what is still on its way, as far as that goes. */
  #resume(run: Run): void {
    for (const { key } of this.#pending) if (!run.extend(key)) break;
    if (run.length === 0 && this.#pending.length > 0) this.reset();
  }

  #mismatch(run: Run): void {
    const shown = this.#pending.filter(({ end }) => end <= this.#countedTo).length;
    if (shown > 0) {
      this.counts.wrong += shown;
      this.#confidence.mistaken(run, this.#mode);
    }
    this.reset();
  }

  /** Predicted keys that are believed, from the oldest on. */
  #believed(run: Run): number {
    if (run.trust === Trust.Text) return run.length;
    if (run.trust === Trust.None) return 0;
    const moves = this.#pending.findIndex(({ key }) => key.kind !== 'left' && key.kind !== 'right');
    return Math.min(run.length, moves === -1 ? this.#pending.length : moves);
  }
}
