import serialize from '@xterm/addon-serialize';
import headless from '@xterm/headless';
import { SNAPSHOT_SCROLLBACK_LINES } from '../../protocol/limits.ts';
import type { TerminalSize } from '../../protocol/messages/session.ts';
import type { ByteRing } from '../../protocol/stream/ring.ts';
import { EscapeTracker } from './escape-tracker.ts';
import { scrolledOff } from './scrolled-off.ts';

/** An exact screen: written to an empty terminal of this size it gives what somebody saw who was there all along. */
export interface ScreenSnapshot {
  cols: number;
  rows: number;
  bytes: Uint8Array;
}

/** When unparsed output is looked at. Tests make it small. */
export interface ScreenPace {
  /** Output is parsed at the latest when so much waits... */
  feedAtBytes: number;
  /** ...and otherwise so long after it came: nobody looks at the screen but snapshots, which wait for it. */
  feedAfterMs: number;
  /** Parsed in one go, which holds up everything else of the process (64 KiB: about 2.5 ms). */
  pieceBytes: number;
}

export const DEFAULT_PACE: ScreenPace = { feedAtBytes: 1024 * 1024, feedAfterMs: 30, pieceBytes: 64 * 1024 };

/** Something to do once everything before `offset` is on the screen. */
interface Barrier {
  offset: number;
  act: () => void;
}

const CARRIAGE_RETURN = Uint8Array.of(0x0d);

/**
 * The screen of one terminal, kept by a headless xterm that reads what the program printed from the terminal's ring.
 * Parsing is slower than a PTY prints (27 MB/s), so it runs behind, and floods of ordinary lines are not parsed at all
 * but for the last of them: what was scrolled out of memory leaves no trace (see `scrolled-off.ts`).
 */
export class Screen {
  readonly #terminal: headless.Terminal;
  readonly #serializer = new serialize.SerializeAddon();
  readonly #source: ByteRing;
  readonly #pace: ScreenPace;
  readonly #onProgress: () => void;
  readonly #tracker = new EscapeTracker();
  readonly #barriers: Barrier[] = [];
  #parsed: number;
  /** Where parsing stops unless a barrier comes: output after it may yet scroll more away. */
  #target = 0;
  #parsing = false;
  #timer: NodeJS.Timeout | null = null;
  /** The program has set a scroll region, within which lines are lost otherwise than by scrolling off. */
  #region = false;
  #disposed = false;

  /** `source`: the newest output; more than it holds must never wait. `onProgress`: some of what waited was parsed. */
  constructor(size: TerminalSize, source: ByteRing, onProgress: () => void, pace: ScreenPace = DEFAULT_PACE) {
    this.#terminal = new headless.Terminal({
      ...size,
      scrollback: SNAPSHOT_SCROLLBACK_LINES,
      allowProposedApi: true,
    });
    this.#terminal.loadAddon(this.#serializer);
    this.#terminal.parser.registerCsiHandler({ final: 'r' }, (params) => {
      this.#region = !isWholeScreen(params, this.#terminal.rows);
      return false;
    });
    this.#source = source;
    this.#onProgress = onProgress;
    this.#pace = pace;
    this.#parsed = source.end;
  }

  /** Output that is not on the screen yet. */
  get lagBytes(): number {
    return this.#source.end - this.#parsed;
  }

  /** The source has more. */
  grew(): void {
    if (this.lagBytes >= this.#pace.feedAtBytes) return this.#feed();
    this.#timer ??= setTimeout(() => {
      this.#timer = null;
      this.#feed();
    }, this.#pace.feedAfterMs);
  }

  /** Takes effect behind all output so far. */
  resize({ cols, rows }: TerminalSize): void {
    this.#after(() => this.#terminal.resize(cols, rows));
  }

  /** The screen with all output so far on it. */
  snapshot(): Promise<ScreenSnapshot> {
    return new Promise((resolve) => {
      this.#after(() => {
        const text = this.#serializer.serialize({ scrollback: SNAPSHOT_SCROLLBACK_LINES });
        const { cols, rows } = this.#terminal;
        resolve({ cols, rows, bytes: new TextEncoder().encode(text) });
      });
    });
  }

  dispose(): void {
    this.#disposed = true;
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#terminal.dispose();
  }

  #after(act: () => void): void {
    this.#barriers.push({ offset: this.#source.end, act });
    this.#feed();
  }

  #feed(): void {
    if (this.#parsing || this.#disposed) return;
    if (this.#target <= this.#parsed) this.#target = this.#source.end;
    for (
      let next = this.#barriers[0];
      next !== undefined && next.offset <= this.#parsed;
      next = this.#barriers[0]
    ) {
      this.#barriers.shift();
      next.act();
    }
    const until = this.#barriers[0]?.offset ?? this.#target;
    if (until <= this.#parsed) return;
    this.#parse(this.#source.read(this.#parsed, until - this.#parsed));
  }

  /** Parses the next piece of `waiting`, or skips what leaves no trace. Null: it is no longer held. */
  #parse(waiting: Uint8Array | null): void {
    if (waiting === null) {
      // Only a program that prints on after its hangup gets here.
      this.#parsed = this.#source.start;
      return this.#feed();
    }
    const { rows } = this.#terminal;
    const maySkip = waiting.length > this.#pace.pieceBytes && this.#tracker.ground && this.#onPlainScreen();
    const skip = maySkip ? scrolledOff(waiting, rows + SNAPSHOT_SCROLLBACK_LINES + 1) : null;
    if (skip !== null) {
      for (const { from, to } of skip.colours) this.#terminal.write(waiting.subarray(from, to));
      this.#terminal.write(CARRIAGE_RETURN);
    }
    const from = skip?.skippedBytes ?? 0;
    const piece = waiting.subarray(from, from + this.#pace.pieceBytes);
    this.#parsing = true;
    this.#terminal.write(piece, () => {
      this.#parsing = false;
      this.#tracker.feed(piece);
      this.#parsed += from + piece.length;
      this.#onProgress();
      if (this.#parsed < this.#target || this.#barriers.length > 0) this.#feed();
      else if (this.lagBytes > 0) this.grew();
    });
  }

  #onPlainScreen(): boolean {
    return !this.#region && this.#terminal.buffer.active.type === 'normal';
  }
}

/** Whether DECSTBM with these parameters means no region at all. */
function isWholeScreen(params: (number | number[])[], rows: number): boolean {
  const [top = 0, bottom = 0] = params.map(Number);
  return top <= 1 && (bottom === 0 || bottom >= rows);
}
