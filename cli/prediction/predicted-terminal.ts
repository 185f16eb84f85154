import { type PredictionSetting, PredictiveEcho, type TerminalSink } from '../../client/index.ts';
import type { Overlay } from '../../client/prediction/overlay.ts';
import type { TerminalSize } from '../../protocol/messages/session.ts';
import type { LocalTerminal } from '../shell/local-terminal.ts';
import { Emulator } from './emulator.ts';
import { type Painted, paint } from './paint.ts';

const encoder = new TextEncoder();
const NOTHING = new Uint8Array(0);

/**
 * Shows predictions in a person's own terminal. Output passes through an emulator first, which takes about a
 * millisecond; what was drawn is erased, the output written and the new predictions drawn in one write, so that nothing flickers
 * and the terminal is always exactly the server's screen with the predictions on top, or without.
 */
export class PredictedTerminal {
  readonly echo: PredictiveEcho;
  /** The sink to open or attach with. */
  readonly sink: TerminalSink;
  readonly #local: LocalTerminal;
  readonly #emulator: Emulator;
  /** Called when their output has reached the person's terminal. */
  readonly #consumers: (() => void)[] = [];
  #overlay: Overlay | null = null;
  #painted: Painted | null = null;
  /** Output parsed and not yet written; predictions are drawn behind it. */
  #output: Uint8Array | null = null;

  constructor(local: LocalTerminal, setting: PredictionSetting, exited: TerminalSink['exited']) {
    this.#local = local;
    this.#emulator = new Emulator(local.size);
    this.echo = new PredictiveEcho(this.#emulator.screen, setting, (overlay) => {
      this.#overlay = overlay;
      if (this.#output === null) this.#write(NOTHING, () => undefined);
    });
    const predicted = this.echo.sink(this.#inner(exited));
    const later = (consumed: () => void): (() => void) => {
      this.#consumers.push(consumed);
      return () => undefined;
    };
    this.sink = {
      ...predicted,
      output: (bytes, consumed, end) => predicted.output(bytes, later(consumed), end),
      screen: (screen, consumed) => predicted.screen(screen, later(consumed)),
    };
    local.beforeRestore = () => this.#take();
  }

  /** Says something of our own on a line of its own. */
  say(text: string): void {
    const line = this.#local.line(text);
    this.#emulator.write(line, () => this.#write(encoder.encode(line), () => undefined));
  }

  /** The window changed: what is drawn is taken away before anything moves. */
  resized(): void {
    this.#overlay = null;
    this.#write(NOTHING, () => undefined);
  }

  dispose(): void {
    this.echo.dispose();
    this.#emulator.dispose();
  }

  #inner(exited: TerminalSink['exited']): TerminalSink {
    const emulator = this.#emulator;
    const after = (act: () => void): void => emulator.write('', act);
    return {
      output: (bytes, parsed) => {
        emulator.write(bytes, () => this.#show(bytes, parsed));
      },
      screen: (screen, parsed) => {
        after(() => emulator.reset(screen));
        emulator.write(screen.bytes, () => {
          this.#local.write(encoder.encode(this.#take()), () => undefined);
          this.#local.screen(NOTHING, () => undefined);
          this.#show(screen.bytes, parsed);
        });
      },
      resized: (size: TerminalSize) => after(() => emulator.resize(size)),
      exited: (exit) => after(() => exited?.(exit)),
    };
  }

  /** Writes output that the emulator has just parsed, with the predictions as they are after it. */
  #show(bytes: Uint8Array, parsed: () => void): void {
    this.#output = bytes;
    parsed();
    this.#output = null;
    const consumed = this.#consumers.shift();
    this.#write(bytes, () => consumed?.());
  }

  #write(bytes: Uint8Array, written: () => void): void {
    const erase = this.#take();
    this.#painted = this.#paint();
    const draw = this.#painted?.draw ?? '';
    if (bytes.length === 0 && erase === '' && draw === '') return written();
    const whole = erase === '' && draw === '' ? bytes : join(erase, bytes, draw);
    this.#local.write(whole, written);
  }

  /** What takes away what is drawn; it counts as taken. */
  #take(): string {
    const erase = this.#painted?.erase ?? '';
    this.#painted = null;
    return erase;
  }

  /** Null: nothing, or not here: another width than the program has, or in the middle of a sequence. */
  #paint(): Painted | null {
    const { screen } = this.#emulator;
    const style = this.#overlay === null ? null : this.#emulator.drawable();
    if (this.#overlay === null || style === null || screen.cols !== this.#local.size.cols) return null;
    return paint(this.#overlay, screen.row(screen.cursor.y), screen.cursor.x, style);
  }
}

function join(erase: string, bytes: Uint8Array, draw: string): Uint8Array {
  return Buffer.concat([encoder.encode(erase), bytes, encoder.encode(draw)]);
}
