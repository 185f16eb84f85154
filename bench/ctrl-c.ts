import { setTimeout as delay } from 'node:timers/promises';
import headless from '@xterm/headless';
import { within } from '../test/support/deadline.ts';
import { startWsPty } from './baselines/ws-pty.ts';
import { openFullPath } from './full-path.ts';
import { section } from './section.ts';
import { percentiles, type Percentiles } from './statistics.ts';
import { heading, row } from './table.ts';
import type { BenchTerminal, Contestant } from './terminal.ts';

const FULL = { rounds: 40, wsRounds: 5 };
const QUICK = { rounds: 12, wsRounds: 2 };
const MAX_MS = 40;
const TIMEOUT_MS = 60_000;
/** The flood runs this long, and as much again by chance, before the key. */
const FLOOD_MS = 300;
const PROMPT = 'ready>';
const SHELL = ['sh', '-c', `export PS1='${PROMPT} '; exec bash --norc --noprofile -i`] as const;
const FLOOD = "yes 'The quick brown fox jumps over the lazy dog 0123456789, and prints on and on.'\r";
const CTRL_C = '\x03';

interface CtrlCData {
  fullMs: Percentiles;
  wsMs: Percentiles;
  /** What the full path's viewer parsed a second while the flood ran, MB. */
  parsedMBps: number;
}

/** From Ctrl-C to the prompt on the screen of a viewer that parses a flood with a real xterm. */
export const ctrlC = section<CtrlCData>({
  name: 'ctrl-c',
  async measure(stack, plan) {
    const { rounds, wsRounds } = plan.quick ? QUICK : FULL;
    const full = await interrupt(await openFullPath(stack.url, stack.token), rounds);
    const ws = await interrupt(await startWsPty(), wsRounds);
    return { fullMs: percentiles(full.ms), wsMs: percentiles(ws.ms), parsedMBps: full.parsedMBps };
  },
  render: ({ fullMs, wsMs, parsedMBps }) => [
    heading('Ctrl-C to prompt, ms', 'p50', 'p95', 'max', 'times'),
    row('ws + PTY', 1, wsMs.p50, wsMs.p95, wsMs.max, String(wsMs.count)),
    row('full path', 1, fullMs.p50, fullMs.p95, fullMs.max, String(fullMs.count)),
    `  The viewer parsed ${parsedMBps.toFixed(0)} MB/s.`,
  ],
  aims: ({ fullMs }) => [
    {
      aim: `Ctrl-C under flood to the prompt, p95 under ${MAX_MS} ms`,
      measured: `${fullMs.p95.toFixed(1)} ms`,
      met: fullMs.p95 < MAX_MS,
    },
  ],
});

async function interrupt(
  contestant: Contestant,
  rounds: number,
): Promise<{ ms: number[]; parsedMBps: number }> {
  const screen = new ParsedTerminal(await contestant.open(SHELL));
  const ms: number[] = [];
  let parsedBytes = 0;
  let floodMs = 0;
  await screen.prompt();
  for (let round = 0; round < rounds; round += 1) {
    const before = screen.parsedBytes;
    const startedAtMs = performance.now();
    screen.type(FLOOD);
    await delay(FLOOD_MS * (1 + Math.random()));
    const pressedAtMs = performance.now();
    parsedBytes += screen.parsedBytes - before;
    floodMs += pressedAtMs - startedAtMs;
    screen.type(CTRL_C);
    await screen.prompt();
    ms.push(performance.now() - pressedAtMs);
  }
  await screen.close();
  await contestant.close();
  return { ms, parsedMBps: parsedBytes / 1000 / floodMs };
}

/** A viewer's screen: everything is parsed, and acknowledged when it was. */
class ParsedTerminal {
  readonly #terminal: BenchTerminal;
  readonly #xterm = new headless.Terminal({ cols: 80, rows: 24, scrollback: 1000, allowProposedApi: true });
  #onPrompt: (() => void) | null = null;
  parsedBytes = 0;

  constructor(terminal: BenchTerminal) {
    this.#terminal = terminal;
    terminal.listen(
      (bytes) =>
        new Promise((resolve) => {
          this.#xterm.write(bytes, () => {
            this.parsedBytes += bytes.length;
            resolve();
            this.#look();
          });
        }),
    );
  }

  /** Types; the prompt waited for next is one that was not there before. */
  type(text: string): void {
    this.#terminal.write(Buffer.from(text));
  }

  /** Resolves when the cursor stands behind a prompt. */
  prompt(): Promise<void> {
    const seen = new Promise<void>((resolve) => (this.#onPrompt = resolve));
    this.#look();
    return within(seen, TIMEOUT_MS, 'a prompt');
  }

  async close(): Promise<void> {
    await this.#terminal.close();
    this.#xterm.dispose();
  }

  #look(): void {
    if (this.#onPrompt === null) return;
    const { active } = this.#xterm.buffer;
    const line = active.getLine(active.baseY + active.cursorY)?.translateToString(true);
    if (line?.trimEnd() !== PROMPT) return;
    this.#onPrompt();
    this.#onPrompt = null;
  }
}
