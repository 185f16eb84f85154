import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { z } from 'zod';
import type { TerminalSize } from '../../protocol/messages/session.ts';
import { Emulator } from './emulator.ts';
import { blankTerminal, everythingOf, writeTo } from './testing/terminal-look.ts';

/** Real programs, recorded by test/support/record-sessions.ts: whoever comes in the middle has what the others have. */
const Header = z.object({ version: z.literal(2), width: z.int(), height: z.int() });
const Event = z.tuple([z.number(), z.enum(['o', 'r']), z.string()]);
/** Cuts tried in each recording. */
const CUTS = 100;

type Step = { bytes: Uint8Array } | { size: TerminalSize };

function recording(name: string): { size: TerminalSize; steps: Step[]; length: number } {
  const text = readFileSync(join(import.meta.dirname, 'testing/recordings', `${name}.cast`), 'utf8');
  const [first = '', ...rest] = text.trimEnd().split('\n');
  const { width, height } = Header.parse(JSON.parse(first));
  const steps = rest.map((line): Step => {
    const [, kind, data] = Event.parse(JSON.parse(line));
    if (kind === 'o') return { bytes: new TextEncoder().encode(data) };
    const [cols = 0, rows = 0] = data.split('x').map(Number);
    return { size: { cols, rows } };
  });
  const length = steps.reduce((sum, step) => sum + ('bytes' in step ? step.bytes.length : 0), 0);
  return { size: { cols: width, rows: height }, steps, length };
}

/** The steps before and after a byte; resizes at that very place come before it. */
function cutAt(steps: readonly Step[], offset: number): { before: Step[]; after: Step[] } {
  const before: Step[] = [];
  const after: Step[] = [];
  let at = 0;
  for (const step of steps) {
    if (!('bytes' in step)) {
      (at <= offset ? before : after).push(step);
      continue;
    }
    const here = Math.max(0, Math.min(step.bytes.length, offset - at));
    if (here > 0) before.push({ bytes: step.bytes.subarray(0, here) });
    if (here < step.bytes.length) after.push({ bytes: step.bytes.subarray(here) });
    at += step.bytes.length;
  }
  return { before, after };
}

async function play(terminal: ReturnType<typeof blankTerminal>, steps: readonly Step[]): Promise<void> {
  for (const step of steps) {
    if ('bytes' in step) await writeTo(terminal, step.bytes);
    else terminal.resize(step.size.cols, step.size.rows);
  }
}

test.each(['vim', 'less', 'tmux', 'htop'])('%s, joined anywhere', async (name) => {
  const { size, steps, length } = recording(name);
  const whole = blankTerminal(size);
  await play(whole, steps);
  const end = everythingOf(whole);
  const witness = blankTerminal(size);
  const emulator = new Emulator(size);
  let rest = steps;
  let at = 0;
  for (let cut = 0; cut <= CUTS; cut++) {
    const offset = Math.round((cut / CUTS) * length);
    const { before, after } = cutAt(rest, offset - at);
    [rest, at] = [after, offset];
    await play(witness, before);
    for (const step of before) {
      if ('bytes' in step) await new Promise<void>((resolve) => emulator.write(step.bytes, resolve));
      else emulator.resize(step.size);
    }
    const joined = blankTerminal(emulator.size);
    await writeTo(joined, emulator.serialize());
    expect(everythingOf(joined), `at byte ${offset}`).toEqual(everythingOf(witness));
    if (cut % 5 === 0) {
      await play(joined, rest);
      expect(everythingOf(joined), `from byte ${offset} to the end`).toEqual(end);
    }
    joined.dispose();
  }
});
