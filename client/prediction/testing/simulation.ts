import headless from '@xterm/headless';
import type { Overlay } from '../overlay.ts';
import type { PredictionSetting } from '../policy.ts';
import { Predictor } from '../predictor.ts';
import { XtermScreen } from '../xterm-screen.ts';
import type { Program } from './programs.ts';

/** How a simulated connection behaves. Times in milliseconds; `random` gives numbers from 0 to 1. */
export interface Weather {
  oneWayMs: number;
  jitterMs: number;
  /** The program takes up to so long to answer a key. */
  thinkMs: number;
  /** Acknowledgements may come so much later than the output that was sent after them. */
  ackLateMs: number;
  /** How long after a change of mode it is told; null: never. */
  modeAfterMs: number | null;
  random: () => number;
}

export const CALM: Weather = {
  ...{ oneWayMs: 100, jitterMs: 0, thinkMs: 2, ackLateMs: 0, modeAfterMs: 15 },
  random: () => 0.5,
};

const COLS = 40;
const ROWS = 8;
const encoder = new TextEncoder();

interface Event {
  atMs: number;
  order: number;
  act: () => void | Promise<void>;
}

/** A person with a predictor and a real terminal emulator, and a program far away; time is simulated. */
export class Simulation {
  readonly terminal = new headless.Terminal({ cols: COLS, rows: ROWS, allowProposedApi: true });
  readonly predictor: Predictor;
  nowMs = 0;
  /** All the program printed. */
  printed = '';
  /** Looked at after everything that happens. */
  watch: (overlay: Overlay | null) => void = () => undefined;
  readonly #program: Program;
  readonly #weather: Weather;
  readonly #events: Event[] = [];
  #order = 0;
  #inputEnd = 0;
  #applied = 0;
  #upMs = 0;
  #downMs = 0;
  #thoughtMs = 0;
  #mode = '';
  /** Output before this was drawn by a screen. */
  #skipTo = 0;

  constructor(program: Program, weather: Weather = CALM, setting: PredictionSetting = 'always') {
    this.#program = program;
    this.#weather = weather;
    this.predictor = new Predictor(new XtermScreen(this.terminal), setting);
    this.predictor.born();
    this.predictor.roundTrip(2 * weather.oneWayMs);
    this.#at(0, () => this.#print(program.start()));
  }

  /** Types a key now. */
  async type(key: string): Promise<void> {
    const bytes = encoder.encode(key);
    this.#inputEnd += bytes.length;
    const end = this.#inputEnd;
    this.predictor.typed(bytes, end, this.nowMs);
    this.#upMs = Math.max(this.#upMs, this.nowMs + this.#travelMs());
    this.#at(this.#upMs, () => this.#arrived(key, end));
    this.#look();
    await this.run(0);
  }

  /** Types keys one after the other, so many milliseconds apart. */
  async typeAll(text: string, everyMs: number): Promise<void> {
    for (const key of text) {
      await this.type(key);
      await this.run(everyMs);
    }
  }

  /** Something in the background prints now. */
  noise(text: string): void {
    this.#at(this.nowMs, () => this.#print(text));
  }

  /** The window, and with it the terminal, gets another size, as a stream tells its sink. */
  resize(cols: number, rows: number): void {
    this.#at(this.#downMs, () => {
      this.predictor.reset();
      this.terminal.resize(cols, rows);
    });
  }

  /**
   * The connection is away for a while: what is on its way there and back comes that much later. `screen`: what was printed
   * meanwhile does not come as bytes, but as a screen in its place, ahead of which the terminal is reset.
   */
  away(ms: number, screen: boolean): void {
    this.#upMs = Math.max(this.#upMs, this.nowMs) + ms;
    this.#downMs = Math.max(this.#downMs, this.nowMs) + ms;
    if (!screen) return;
    this.#at(this.#downMs, async () => {
      this.predictor.reset();
      const [drawn, end] = [this.printed, encoder.encode(this.printed).length];
      this.#skipTo = end;
      this.terminal.reset();
      await this.#write(drawn);
      this.predictor.parsed(end, this.nowMs);
    });
  }

  /** Lets time pass. */
  async run(ms: number): Promise<void> {
    const untilMs = this.nowMs + ms;
    for (;;) {
      const wakeMs = this.predictor.nextChangeMs(this.nowMs) ?? Number.POSITIVE_INFINITY;
      this.#events.sort((a, b) => a.atMs - b.atMs || a.order - b.order);
      const next = this.#events[0];
      const atMs = Math.min(next?.atMs ?? Number.POSITIVE_INFINITY, wakeMs);
      if (atMs > untilMs) break;
      this.nowMs = Math.max(this.nowMs, atMs);
      if (next !== undefined && next.atMs <= wakeMs) {
        this.#events.shift();
        await next.act();
      } else this.predictor.tick(this.nowMs);
      this.#look();
    }
    this.nowMs = untilMs;
    this.predictor.tick(untilMs);
    this.#look();
  }

  /** The line with the cursor as a person sees it: `|` is the cursor. */
  seen(): string {
    const { active } = this.terminal.buffer;
    const overlay = this.predictor.overlay(this.nowMs);
    const y = overlay?.y ?? active.cursorY;
    const x = overlay?.x ?? active.cursorX;
    const cells = Array.from(
      { length: COLS },
      (_unused, at) =>
        active
          .getLine(active.baseY + y)
          ?.getCell(at)
          ?.getChars() || ' ',
    );
    for (const cell of overlay?.cells ?? []) cells[cell.x] = cell.text;
    return `${cells.slice(0, x).join('')}|${cells.slice(x).join('')}`.trimEnd();
  }

  #look(): void {
    this.watch(this.predictor.overlay(this.nowMs));
  }

  #arrived(key: string, end: number): void {
    this.#applied = end;
    const output = encoder.encode(this.printed).length;
    const applied = this.#applied;
    const ackMs = Math.max(this.#downMs, this.nowMs + this.#travelMs());
    this.#downMs = ackMs;
    const lateMs = this.#weather.random() * this.#weather.ackLateMs;
    this.#at(ackMs + lateMs, () => this.predictor.applied(applied, output, this.nowMs));
    this.#thoughtMs = Math.max(this.#thoughtMs, this.nowMs + this.#weather.random() * this.#weather.thinkMs);
    this.#at(this.#thoughtMs, () => this.#print(this.#program.key(key)));
  }

  #print(text: string): void {
    const mode = this.#program.mode;
    if (JSON.stringify(mode) !== this.#mode && this.#weather.modeAfterMs !== null) {
      this.#mode = JSON.stringify(mode);
      this.#at(this.nowMs + this.#weather.modeAfterMs + this.#weather.oneWayMs, () =>
        this.predictor.mode(mode),
      );
    }
    // Reads cut output anywhere.
    const cut = Math.floor(this.#weather.random() * text.length);
    for (const part of [text.slice(0, cut), text.slice(cut)]) {
      if (part === '') continue;
      this.printed += part;
      const end = encoder.encode(this.printed).length;
      this.#downMs = Math.max(this.#downMs, this.nowMs + this.#travelMs());
      this.#at(this.#downMs, async () => {
        if (end <= this.#skipTo) return;
        await this.#write(part);
        this.predictor.parsed(end, this.nowMs);
      });
    }
  }

  #write(text: string): Promise<void> {
    return new Promise((resolve) => this.terminal.write(text, resolve));
  }

  #travelMs(): number {
    return this.#weather.oneWayMs + this.#weather.random() * this.#weather.jitterMs;
  }

  #at(atMs: number, act: Event['act']): void {
    this.#events.push({ atMs, order: this.#order++, act });
  }
}
