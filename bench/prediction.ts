import { setTimeout as delay } from 'node:timers/promises';
import type headless from '@xterm/headless';
import { Api, type PredictionSetting, PredictiveEcho, type SessionClient } from '../client/index.ts';
import type { Overlay } from '../client/prediction/overlay.ts';
import { XtermScreen } from '../client/prediction/xterm-screen.ts';
import { until, within } from '../test/support/deadline.ts';
import { LatencyProxy } from '../test/support/latency-proxy.ts';
import { PtyClient } from '../test/support/pty-client.ts';
import { Screen } from '../test/support/screen.ts';
import { connectSession } from './full-path.ts';
import { section } from './section.ts';
import { percentiles, type Percentiles } from './statistics.ts';
import { heading, row } from './table.ts';

const FULL = { roundTripsMs: [0, 100, 200, 400], lines: 8 };
const QUICK = { roundTripsMs: [0, 200], lines: 3 };
/** Between two keys: about as fast as people type. */
const KEY_MS = 80;
const TIMEOUT_MS = 30_000;
const PROMPT = 'ready> ';
const SHELL = ['sh', '-c', `export PS1='${PROMPT}'; exec bash --norc --noprofile -i`];
const LEFT = '\x1b[D';
const BACKSPACE = '\x7f';
/** What is typed in turn, with mistakes put right. */
const LINES = [
  [...'echo the quick brown fox'],
  [...'pwd; tru', BACKSPACE, BACKSPACE, ...'rue and more'],
  [...'echo one three', ...Array<string>(5).fill(LEFT), ...'two '],
  [...'ls -la /workspaxe', BACKSPACE, BACKSPACE, ...'ce'],
];

interface Typed {
  /** From a key to its character on the screen a person sees. */
  glyphMs: Percentiles;
  /** Characters shown before the server had echoed them, and of those taken back, of all keys. */
  keys: number;
  predicted: number;
  wrong: number;
  /** The screen was the server's at the end. */
  identical: boolean;
}

interface Distance {
  roundTripMs: number;
  without: Typed;
  withPrediction: Typed;
}

/** From a key to its glyph at several distances, with predictive echo (`auto`) and without, typed at the same time. */
export const prediction = section<{ distances: Distance[] }>({
  name: 'prediction',
  async measure(stack, plan) {
    const { roundTripsMs, lines } = plan.quick ? QUICK : FULL;
    const distances: Distance[] = [];
    for (const roundTripMs of roundTripsMs) {
      const proxy = await LatencyProxy.start(stack.url, { oneWayMs: roundTripMs / 2 });
      const api = new Api(proxy.url, stack.token);
      const session = await api.createSession({ name: 'prediction' });
      const client = await connectSession(api, session.id);
      const near = await PtyClient.connect(stack, session.id);
      const type = (setting: PredictionSetting): Promise<Typed> => typeLines(client, near, setting, lines);
      const [without, withPrediction] = await Promise.all([type('off'), type('auto')]);
      distances.push({ roundTripMs, without, withPrediction });
      near.close();
      client.close();
      await proxy.stop();
      await new Api(stack.url, stack.token).deleteSession(session.id);
    }
    return { distances };
  },
  render: ({ distances }) => [
    heading('Key to glyph, ms', 'p50', 'p95', 'predicted', 'wrong', 'identical'),
    ...distances.flatMap(({ roundTripMs, without, withPrediction }) => [
      line(`${roundTripMs} ms, without`, without),
      line(`${roundTripMs} ms, with`, withPrediction),
    ]),
  ],
  aims: ({ distances }) => [
    {
      aim: 'screens identical to the server’s at the end of every run',
      measured: distances.every(
        ({ without, withPrediction }) => without.identical && withPrediction.identical,
      )
        ? 'all'
        : 'NOT ALL',
      met: distances.every(({ without, withPrediction }) => without.identical && withPrediction.identical),
    },
  ],
});

function line(name: string, { glyphMs, keys, predicted, wrong, identical }: Typed): string {
  const share = `${((100 * predicted) / keys).toFixed(0)} %`;
  return row(name, 1, glyphMs.p50, glyphMs.p95, share, String(wrong), identical ? 'yes' : 'NO');
}

async function typeLines(
  client: SessionClient,
  near: PtyClient,
  setting: PredictionSetting,
  lines: number,
): Promise<Typed> {
  const person = new Person(setting);
  const opening = client.open({ size: { cols: 80, rows: 24 }, command: SHELL }, person.sink);
  const stream = await within(opening, TIMEOUT_MS, 'a terminal');
  person.echo.bind(stream);
  const glyphsMs: number[] = [];
  let keys = 0;
  for (let at = 0; at < lines; at += 1) {
    await person.sees(PROMPT, PROMPT.length);
    const wanted = { before: PROMPT, after: '' };
    const glyphs: Promise<number>[] = [];
    for (const key of LINES[at % LINES.length] ?? []) {
      edit(wanted, key);
      keys += 1;
      const pressedAtMs = performance.now();
      stream.write(Buffer.from(key));
      const seen = person.sees(wanted.before, wanted.before.length);
      if (key.length === 1 && key !== BACKSPACE)
        glyphs.push(seen.then(() => performance.now() - pressedAtMs));
      await delay(KEY_MS);
    }
    glyphsMs.push(...(await Promise.all(glyphs)));
    // A person looks at the line before entering it.
    await person.sees(wanted.before + wanted.after, wanted.before.length);
    stream.write(Buffer.from('\r'));
  }
  await person.sees(PROMPT, PROMPT.length);
  const identical = await person.matches(near, stream.channel);
  const { shown, wrong } = person.echo.counts;
  person.echo.dispose();
  client.closeTerminal(stream.channel);
  return { glyphMs: percentiles(glyphsMs), keys, predicted: shown, wrong, identical };
}

/** The line as it should become, left and right of the cursor. */
function edit(line: { before: string; after: string }, key: string): void {
  if (key === BACKSPACE) line.before = line.before.slice(0, -1);
  else if (key === LEFT) {
    line.after = line.before.slice(-1) + line.after;
    line.before = line.before.slice(0, -1);
  } else line.before += key;
}

/** Somebody at a terminal: what they see is the screen with the predictions over it. */
class Person {
  readonly screen = new Screen(80, 24);
  readonly echo: PredictiveEcho;
  readonly sink: ReturnType<PredictiveEcho['sink']>;
  #overlay: Overlay | null = null;
  readonly #waiting = new Set<() => void>();

  constructor(setting: PredictionSetting) {
    this.echo = new PredictiveEcho(new XtermScreen(this.screen.terminal), setting, (overlay) => {
      this.#overlay = overlay;
      this.#look();
    });
    this.sink = this.echo.sink({
      output: (bytes, parsed) => {
        this.screen.terminal.write(bytes, () => {
          parsed();
          this.#look();
        });
      },
      screen: () => {
        throw new Error('A screen in place of bytes: this run measures nothing.');
      },
    });
  }

  /** Resolves when the cursor's line begins with `text`, predicted or not, and all of it is left of or at column `x`. */
  sees(text: string, x: number): Promise<void> {
    const seen = new Promise<void>((resolve) => {
      const look = (): void => {
        if (!this.#line().startsWith(text) || (text === PROMPT && this.#cursor() !== x)) return;
        this.#waiting.delete(look);
        resolve();
      };
      this.#waiting.add(look);
      look();
    });
    return within(seen, TIMEOUT_MS, `${JSON.stringify(text)} on the screen`);
  }

  /** Whether nothing is predicted any more and the screen is that of somebody who has just come. */
  async matches(near: PtyClient, channel: number): Promise<boolean> {
    const remote = near.attach(channel);
    await until(() => remote.snapshots > 0, TIMEOUT_MS, 'the server’s screen');
    await remote.screen.write('');
    const state = (terminal: headless.Terminal): unknown[] => {
      const { cursorX, cursorY } = terminal.buffer.active;
      return [cursorX, cursorY];
    };
    return (
      this.#overlay === null &&
      this.screen.text() === remote.screen.text() &&
      String(state(this.screen.terminal)) === String(state(remote.screen.terminal))
    );
  }

  #cursor(): number {
    return this.#overlay?.x ?? this.screen.terminal.buffer.active.cursorX;
  }

  #line(): string {
    const { active } = this.screen.terminal.buffer;
    const line = active.getLine(active.baseY + active.cursorY)?.translateToString() ?? '';
    const cells = [...line];
    for (const cell of this.#overlay?.cells ?? []) cells[cell.x] = cell.text;
    return cells.join('');
  }

  #look(): void {
    for (const look of [...this.#waiting]) look();
  }
}
