import type { TerminalMode } from '../../protocol/messages/session.ts';

/** When a terminal's mode is looked at. Looking takes a fork, so a busy terminal is looked at ever more rarely. */
export interface WatchPace {
  /** After the first sign of a change: programs change the mode just before or after they print. */
  settleMs: number;
  /** Once more after the last sign: a program may take its time. */
  againMs: number;
  /** Between two looks while signs keep coming: doubles from the first to the last while nothing changes. */
  minIntervalMs: number;
  maxIntervalMs: number;
}

export const DEFAULT_PACE: WatchPace = {
  settleMs: 10,
  againMs: 100,
  minIntervalMs: 20,
  maxIntervalMs: 1_000,
};

/** Decides when to look at a terminal's line discipline, and tells when it changed. */
export class ModeWatch {
  readonly #look: () => Promise<TerminalMode | null>;
  readonly #onChange: (mode: TerminalMode) => void;
  readonly #pace: WatchPace;
  #current: TerminalMode | null = null;
  #timer: NodeJS.Timeout | null = null;
  #looking = false;
  /** Signs came since the last look began. */
  #poked = false;
  #intervalMs: number;
  #lastLookMs = Number.NEGATIVE_INFINITY;
  #disposed = false;

  constructor(
    look: () => Promise<TerminalMode | null>,
    onChange: (mode: TerminalMode) => void,
    pace: WatchPace = DEFAULT_PACE,
  ) {
    this.#look = look;
    this.#onChange = onChange;
    this.#pace = pace;
    this.#intervalMs = pace.minIntervalMs;
  }

  /** The mode as last seen; null before the first look. */
  get current(): TerminalMode | null {
    return this.#current;
  }

  /** Something was typed or printed. On the path of every key, so it does next to nothing. */
  poke(): void {
    this.#poked = true;
    if (this.#timer === null && !this.#looking && !this.#disposed) this.#schedule(this.#pace.settleMs);
  }

  /** A line was entered, or a signal sent: what runs next may set another mode. */
  expectChange(): void {
    this.#intervalMs = this.#pace.minIntervalMs;
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    this.poke();
  }

  dispose(): void {
    this.#disposed = true;
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
  }

  #schedule(afterMs: number): void {
    const waitMs = Math.max(afterMs, this.#lastLookMs + this.#intervalMs - performance.now());
    this.#timer = setTimeout(() => void this.#lookNow(), waitMs).unref();
  }

  async #lookNow(): Promise<void> {
    this.#timer = null;
    this.#looking = true;
    const wasPoked = this.#poked;
    this.#poked = false;
    this.#lastLookMs = performance.now();
    const seen = await this.#look();
    this.#looking = false;
    if (this.#disposed) return;
    if (seen !== null && !sameMode(seen, this.#current)) {
      this.#current = seen;
      this.#intervalMs = this.#pace.minIntervalMs;
      this.#onChange(seen);
    } else {
      this.#intervalMs = Math.min(2 * this.#intervalMs, this.#pace.maxIntervalMs);
    }
    if (this.#poked) this.#schedule(this.#pace.settleMs);
    else if (wasPoked) this.#schedule(this.#pace.againMs);
    else this.#intervalMs = this.#pace.minIntervalMs;
  }
}

function sameMode(a: TerminalMode, b: TerminalMode | null): boolean {
  return b !== null && a.canonical === b.canonical && a.echo === b.echo && a.signals === b.signals;
}
