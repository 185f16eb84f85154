import type { TerminalSink } from '../stream-port.ts';
import type { TerminalStream } from '../terminal-stream.ts';
import type { Overlay } from './overlay.ts';
import type { PredictionSetting } from './policy.ts';
import { type PredictionCounts, Predictor } from './predictor.ts';
import type { PredictionScreen } from './screen.ts';

/**
 * Predictive echo of one stream: follows what is typed, applied and shown, and hands out an overlay whenever it changes.
 *
 * In: open or attach with `echo.sink(sink)`, where `sink` shows output on a terminal emulator and calls `consumed` when
 * it was parsed; then `bind` the stream.
 */
export class PredictiveEcho {
  readonly #predictor: Predictor;
  readonly #draw: (overlay: Overlay | null) => void;
  #stream: TerminalStream | null = null;
  #timer: ReturnType<typeof setTimeout> | null = null;
  #shown = false;
  #anythingCame = false;

  constructor(screen: PredictionScreen, setting: PredictionSetting, draw: (overlay: Overlay | null) => void) {
    this.#predictor = new Predictor(screen, setting);
    this.#draw = draw;
  }

  get counts(): PredictionCounts {
    return this.#predictor.counts;
  }

  set setting(setting: PredictionSetting) {
    this.#predictor.setting = setting;
    this.refresh();
  }

  /** From now on keys typed into this stream are predicted; null: into none. */
  bind(stream: TerminalStream | null): void {
    this.#stream?.observe(null);
    this.#stream = stream;
    stream?.observe({
      typed: (bytes, end) => {
        this.#predictor.roundTrip(stream.roundTripMs);
        this.#predictor.typed(bytes, end, performance.now());
        this.refresh();
      },
      applied: (applied, output) => {
        this.#predictor.roundTrip(stream.roundTripMs);
        this.#predictor.applied(applied, output, performance.now());
        this.refresh();
      },
      mode: (mode) => {
        this.#predictor.mode(mode);
        this.refresh();
      },
    });
  }

  /** The sink to open or attach with. */
  sink(inner: TerminalSink): TerminalSink {
    const replaced = (): void => {
      this.#predictor.reset();
      this.refresh();
    };
    return {
      output: (bytes, consumed, end) => {
        if (!this.#anythingCame && end === bytes.length) this.#predictor.born();
        this.#anythingCame = true;
        const parsed = (): void => {
          this.#predictor.parsed(end, performance.now());
          this.refresh();
          consumed();
        };
        inner.output(bytes, parsed, end);
      },
      screen: (screen, consumed) => {
        this.#anythingCame = true;
        replaced();
        const parsed = (): void => {
          this.#predictor.parsed(screen.offset, performance.now());
          consumed();
        };
        inner.screen(screen, parsed);
      },
      resized: (size) => {
        replaced();
        inner.resized?.(size);
      },
      exited: (exit) => {
        replaced();
        inner.exited?.(exit);
      },
    };
  }

  /** Draws what is to be shown now. Call it when the view has scrolled or looks otherwise. */
  refresh(): void {
    const nowMs = performance.now();
    this.#predictor.tick(nowMs);
    const overlay = this.#predictor.overlay(nowMs);
    if (overlay !== null || this.#shown) this.#draw(overlay);
    this.#shown = overlay !== null;
    if (this.#timer !== null) clearTimeout(this.#timer);
    const nextMs = this.#predictor.nextChangeMs(nowMs);
    this.#timer = nextMs === null ? null : setTimeout(() => this.refresh(), Math.ceil(nextMs - nowMs));
  }

  /** Takes the overlay away and stops. */
  dispose(): void {
    this.bind(null);
    this.#predictor.reset();
    this.refresh();
    if (this.#timer !== null) clearTimeout(this.#timer);
  }
}
