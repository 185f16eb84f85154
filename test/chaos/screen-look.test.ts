import { expect, test } from 'vitest';
import { blankTerminal, difference, differenceAtEnd, lookOf, parsed } from './screen-look.ts';

const WIDE = { cols: 132, rows: 24 };
const NARROW = { cols: 50, rows: 24 };

/** What is shown after `lines` lines at full width, of which every one wraps in a narrow terminal. */
async function shown(lines: number, narrowForAMoment: boolean, edit = ''): Promise<string[]> {
  const terminal = blankTerminal(WIDE);
  const text = Array.from(
    { length: lines },
    (_unused, at) => `${String(at).padStart(6, '0')} ${'x'.repeat(80)}\r\n`,
  );
  await parsed(terminal, text.join(''));
  if (narrowForAMoment) for (const { cols, rows } of [NARROW, WIDE]) terminal.resize(cols, rows);
  await parsed(terminal, `after\r\n${edit}`);
  return lookOf(terminal);
}

test('who was away while a terminal was narrow for a moment may show more of the past, and nothing else', async () => {
  const [away, there] = [await shown(900, false), await shown(900, true)];
  expect(there.length).toBeLessThan(away.length);
  expect(difference(away, there)).not.toBeNull();
  expect(differenceAtEnd(away, there)).toBeNull();
  expect(differenceAtEnd(there, away), 'less of the past').not.toBeNull();
  expect(differenceAtEnd(await shown(900, false, 'y'), there), 'another end').not.toBeNull();
  expect(differenceAtEnd(await shown(900, false, '\x1b[5A'), there), 'another cursor').not.toBeNull();
});
