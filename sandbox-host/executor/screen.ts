import { deflateRawSync, inflateRawSync } from 'node:zlib';
import { MAX_SNAPSHOT_BYTES, SNAPSHOT_SCROLLBACK_LINES } from '../../protocol/limits.ts';
import type { TerminalSize } from '../../protocol/messages/session.ts';
import type { ByteRing } from '../../protocol/stream/ring.ts';
import { Emulator } from './emulator.ts';
import { ScreenPool } from './screen-pool.ts';
import { scrolledOff } from './scrolled-off.ts';

/** An exact screen: written to an empty terminal of this size it gives what somebody saw who was there all along. */
export interface ScreenSnapshot {
  cols: number;
  rows: number;
  bytes: Uint8Array;
}

/** When unparsed output is looked at. Tests make it small. */
export interface ScreenPace {
  /** Output is parsed when so much waits. */
  feedAtBytes: number;
  /** Parsed in one go, which holds up everything else of the process (64 KiB: about 2.5 ms). */
  pieceBytes: number;
}

export const DEFAULT_PACE: ScreenPace = { feedAtBytes: 1024 * 1024, pieceBytes: 64 * 1024 };

/** Resizes remembered with the places in the output where they happened; more are carried out. */
const MAX_RESIZES = 64;

/** All screens of this process. */
const SHARED_POOL = new ScreenPool();

/** Something to do once everything before `offset` is on the screen. */
interface Barrier {
  offset: number;
  act: (emulator: Emulator) => void;
}

/** A screen written down: deflated output for an empty terminal. Null: nothing was written yet. */
interface Checkpoint extends TerminalSize {
  deflated: Uint8Array | null;
}

const CARRIAGE_RETURN = Uint8Array.of(0x0d);

/**
 * The screen of one terminal, made from what the program printed, which is in the terminal's ring. There is none until
 * the ring is about to lose output that was not looked at, or somebody asks for a snapshot; and it is written down and
 * given up again when it was not needed for a while or others need the memory. Floods of ordinary lines are not parsed
 * but for the last of them: what was scrolled out of memory leaves no trace (see `scrolled-off.ts`).
 */
export class Screen {
  readonly #source: ByteRing;
  readonly #pace: ScreenPace;
  readonly #pool: ScreenPool;
  readonly #onProgress: () => void;
  readonly #barriers: Barrier[] = [];
  #emulator: Emulator | null = null;
  #checkpoint: Checkpoint;
  #parsed: number;
  /** Where parsing stops unless a barrier comes: output after it may yet scroll more away. */
  #target = 0;
  #parsing = false;
  #disposed = false;

  /** `source`: the newest output; more than it holds must never wait. `onProgress`: some of what waited was parsed. */
  constructor(
    size: TerminalSize,
    source: ByteRing,
    onProgress: () => void,
    { pace = DEFAULT_PACE, pool = SHARED_POOL }: { pace?: ScreenPace; pool?: ScreenPool } = {},
  ) {
    this.#checkpoint = { cols: size.cols, rows: size.rows, deflated: null };
    this.#source = source;
    this.#onProgress = onProgress;
    this.#pace = pace;
    this.#pool = pool;
    this.#parsed = source.end;
  }

  /** Output that is not on the screen yet. */
  get lagBytes(): number {
    return this.#source.end - this.#parsed;
  }

  /** Memory the screen takes now, about; 0 while there is none. */
  get liveBytes(): number {
    return this.#emulator?.bytes ?? 0;
  }

  /** The source has more. */
  grew(): void {
    if (this.lagBytes < this.#pace.feedAtBytes) return;
    if (this.#target <= this.#parsed) this.#target = this.#source.end;
    this.#feed();
  }

  /** Takes effect behind all output so far. */
  resize({ cols, rows }: TerminalSize): void {
    this.#barriers.push({ offset: this.#source.end, act: (emulator) => emulator.resize({ cols, rows }) });
    if (this.#emulator !== null || this.#barriers.length > MAX_RESIZES) this.#feed();
  }

  /** The screen with all output so far on it, with as much scrollback as there is room for. */
  snapshot(): Promise<ScreenSnapshot> {
    return new Promise((resolve) => {
      const act = (emulator: Emulator): void => resolve({ ...emulator.size, bytes: fitting(emulator) });
      this.#barriers.push({ offset: this.#source.end, act });
      this.#feed();
    });
  }

  /** Writes the screen down and gives its memory back. False while it is busy. */
  park(): boolean {
    if (this.#emulator === null) return true;
    if (this.#parsing) return false;
    const deflated = deflateRawSync(this.#emulator.serialize(), { level: 1 });
    this.#checkpoint = { ...this.#emulator.size, deflated };
    this.#emulator.dispose();
    this.#emulator = null;
    return true;
  }

  dispose(): void {
    this.#disposed = true;
    this.#pool.forget(this);
    this.#emulator?.dispose();
    this.#emulator = null;
  }

  #feed(): void {
    if (this.#parsing || this.#disposed) return;
    if (this.#emulator === null) return this.#build();
    for (
      let next = this.#barriers[0];
      next !== undefined && next.offset <= this.#parsed;
      next = this.#barriers[0]
    ) {
      this.#barriers.shift();
      next.act(this.#emulator);
    }
    const until = this.#barriers[0]?.offset ?? this.#target;
    if (until <= this.#parsed) return this.#pool.used(this);
    this.#parse(this.#emulator, this.#source.read(this.#parsed, until - this.#parsed));
  }

  /** Makes the screen as it was written down. */
  #build(): void {
    const { cols, rows, deflated } = this.#checkpoint;
    const emulator = new Emulator({ cols, rows });
    this.#emulator = emulator;
    if (deflated === null) return this.#feed();
    this.#parsing = true;
    emulator.write(inflateRawSync(deflated), () => {
      this.#parsing = false;
      this.#feed();
    });
  }

  /** Parses the next piece of `waiting`, or skips what leaves no trace. Null: it is no longer held. */
  #parse(emulator: Emulator, waiting: Uint8Array | null): void {
    if (waiting === null) {
      // Only a program that prints on after its hangup gets here.
      this.#parsed = this.#source.start;
      return this.#feed();
    }
    const { rows } = emulator.size;
    const maySkip = waiting.length > this.#pace.pieceBytes && emulator.plain;
    const skip = maySkip ? scrolledOff(waiting, rows + SNAPSHOT_SCROLLBACK_LINES + 1) : null;
    const before = skip === null ? [] : skip.colours.map(({ from, to }) => waiting.subarray(from, to));
    if (skip !== null) before.push(CARRIAGE_RETURN);
    const from = skip?.skippedBytes ?? 0;
    // The lines kept may scroll off as well before anybody looks: they wait in the ring until then.
    const later = skip !== null && this.#barriers.length === 0;
    const piece = waiting.subarray(from, later ? from : from + this.#pace.pieceBytes);
    if (later) this.#target = this.#parsed + from;
    this.#parsing = true;
    emulator.write(before.length === 0 ? piece : Buffer.concat([...before, piece]), () => {
      this.#parsing = false;
      this.#parsed += from + piece.length;
      this.#onProgress();
      this.grew();
      this.#feed();
    });
  }
}

/** A snapshot with less scrollback the more of it would be too much. */
function fitting(emulator: Emulator): Uint8Array {
  let lines = SNAPSHOT_SCROLLBACK_LINES;
  let bytes = emulator.serialize(lines);
  while (bytes.length > MAX_SNAPSHOT_BYTES && lines > 0) {
    lines = Math.floor(lines * Math.min(0.8, MAX_SNAPSHOT_BYTES / bytes.length));
    bytes = emulator.serialize(lines);
  }
  return bytes;
}
