import type { PredictionSetting, TerminalSink, TerminalStream } from '../../client/index.ts';
import type { LocalTerminal } from '../shell/local-terminal.ts';
import type { PredictedTerminal } from './predicted-terminal.ts';

/** With `auto` the emulator that predictions need is loaded above this round trip. */
const LOAD_ABOVE_MS = 30;

/** Where output is shown: in the person's terminal as it is, or by way of predictions once they are worth their cost. */
export class Display {
  /** The sink to open or attach with. */
  readonly sink: TerminalSink;
  readonly #local: LocalTerminal;
  readonly #setting: PredictionSetting;
  readonly #exited: TerminalSink['exited'];
  #shown: TerminalSink;
  #predicted: PredictedTerminal | null = null;
  #loading = false;
  #stream: TerminalStream | null = null;

  constructor(local: LocalTerminal, setting: PredictionSetting, exited: TerminalSink['exited']) {
    this.#local = local;
    this.#setting = local.interactive ? setting : 'off';
    this.#exited = exited;
    this.#shown = {
      output: (bytes, consumed) => local.write(bytes, consumed),
      screen: (screen, consumed) => local.screen(screen.bytes, consumed),
      exited: (exit) => exited?.(exit),
    };
    this.sink = {
      output: (bytes, consumed, end) => this.#shown.output(bytes, consumed, end),
      screen: (screen, consumed) => this.#shown.screen(screen, consumed),
      resized: (size) => this.#shown.resized?.(size),
      exited: (exit) => this.#shown.exited?.(exit),
    };
  }

  /** Before anything is shown. `nearMs`: the fastest answer of the edge so far; null: none was timed. */
  async prepare(nearMs: number | null): Promise<void> {
    const slow = nearMs !== null && nearMs > LOAD_ABOVE_MS;
    if (this.#setting === 'always' || (this.#setting === 'auto' && slow)) await this.#load();
  }

  bind(stream: TerminalStream): void {
    this.#stream = stream;
    this.#predicted?.echo.bind(stream);
  }

  /** A key was typed. Once the connection has become slow, an exact screen is asked for and predictions begin. */
  typed(): void {
    const roundTripMs = this.#stream?.roundTripMs ?? 0;
    if (this.#predicted !== null || this.#loading || this.#setting !== 'auto') return;
    if (roundTripMs <= LOAD_ABOVE_MS) return;
    this.#loading = true;
    void this.#load().then(() => this.#stream?.redraw());
  }

  /** Says something of our own on a line of its own. */
  say(text: string): void {
    if (this.#predicted === null) this.#local.say(text);
    else this.#predicted.say(text);
  }

  /** The window has another size. */
  resized(): void {
    this.#predicted?.resized();
  }

  dispose(): void {
    this.#predicted?.dispose();
  }

  async #load(): Promise<void> {
    const { PredictedTerminal: Predicted } = await import('./predicted-terminal.ts');
    const predicted = new Predicted(this.#local, this.#setting, this.#exited);
    this.#predicted = predicted;
    this.#shown = predicted.sink;
    if (this.#stream !== null) predicted.echo.bind(this.#stream);
  }
}
