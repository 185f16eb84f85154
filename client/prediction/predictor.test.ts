import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { COOKED, LINE_EDITOR, Masked, PASSWORD, Shell } from './testing/programs.ts';
import { CALM, Simulation, type Weather } from './testing/simulation.ts';

const ROUND_TRIP_MS = 2 * CALM.oneWayMs;
const KEY_MS = 90;
const QUIET_MS = 3_000;

/** A shell whose prompt is there, and has echoed once if `known`. */
async function atPrompt(known = true, weather: Weather = CALM): Promise<Simulation> {
  const simulation = new Simulation(new Shell(), weather);
  await simulation.run(QUIET_MS);
  if (known) {
    await simulation.typeAll('hi\r', KEY_MS);
    await simulation.run(QUIET_MS);
  }
  return simulation;
}

describe('at a shell', () => {
  it('shows nothing before the first key of an unknown line has echoed, everything from then on', async () => {
    const simulation = await atPrompt(false);
    await simulation.typeAll('ec', KEY_MS);
    expect(simulation.seen()).toBe('~ $ |');
    await simulation.typeAll('h', KEY_MS);
    expect(simulation.seen()).toBe('~ $ ech|');
    await simulation.type('o');
    expect(simulation.seen()).toBe('~ $ echo|');
    expect(simulation.predictor.overlay(simulation.nowMs)?.underline).toBe(true);
  });

  it('shows keys at once behind a prompt that echoed before', async () => {
    const simulation = await atPrompt();
    await simulation.type('l');
    expect(simulation.seen()).toBe('~ $ l|');
    await simulation.typeAll('s -la', KEY_MS);
    expect(simulation.seen()).toBe('~ $ ls -la|');
    await simulation.run(QUIET_MS);
    expect(simulation.predictor.overlay(simulation.nowMs)).toBeNull();
    expect(simulation.seen()).toBe('~ $ ls -la|');
  });

  it('edits in the middle of the line, and no further back than its beginning', async () => {
    const simulation = await atPrompt();
    await simulation.typeAll('abcd', 20);
    for (const key of ['\x1b[D', '\x1b[D', 'X', '\x7f', '\x7f']) await simulation.type(key);
    expect(simulation.seen()).toBe('~ $ a|cd');
    for (const key of ['\x1b[D', '\x7f', '\x1b[D', 'Z']) await simulation.type(key);
    expect(simulation.seen()).toBe('~ $ Z|acd');
    await simulation.run(QUIET_MS);
    expect(simulation.seen()).toBe('~ $ Z|acd');
    expect(simulation.predictor.counts.wrong).toBe(0);
  });

  it('believes a known prompt as soon as it knows that the line editor has the terminal again', async () => {
    const simulation = await atPrompt();
    simulation.predictor.mode(COOKED);
    await simulation.typeAll('ls', 10);
    expect(simulation.seen()).toBe('~ $ |');
    simulation.predictor.mode(LINE_EDITOR);
    expect(simulation.seen()).toBe('~ $ ls|');
    simulation.predictor.mode(PASSWORD);
    expect(simulation.seen()).toBe('~ $ |');
  });

  it('begins again behind Tab as soon as one key has echoed', async () => {
    const simulation = await atPrompt();
    await simulation.typeAll('ab\tcdefgh', KEY_MS);
    expect(simulation.seen()).toBe('~ $ abcdefgh|');
    await simulation.run(QUIET_MS);
    expect(simulation.predictor.counts.wrong).toBe(0);
  });

  it('never writes to the last column, and goes on in the next line', async () => {
    const simulation = await atPrompt();
    await simulation.typeAll('x'.repeat(60), KEY_MS);
    expect(simulation.seen()).toBe(`${'x'.repeat(24)}|`);
    await simulation.run(QUIET_MS);
    expect(simulation.predictor.counts.wrong).toBe(0);
  });

  it('takes back what background output has made wrong', async () => {
    const simulation = await atPrompt();
    await simulation.typeAll('abc', KEY_MS);
    simulation.noise('\r\n[1]+  Done\r\n');
    await simulation.typeAll('def', KEY_MS);
    await simulation.run(QUIET_MS);
    expect(simulation.predictor.overlay(simulation.nowMs)).toBeNull();
    expect(simulation.predictor.counts.wrong).toBeGreaterThan(0);
  });

  it('keeps what was typed shown while the connection is away, and confirms it when it is back', async () => {
    const simulation = await atPrompt(true, { ...CALM, oneWayMs: 1_300 });
    await simulation.typeAll('ls', KEY_MS);
    await simulation.run(2_000);
    expect(simulation.seen()).toBe('~ $ ls|');
    await simulation.run(QUIET_MS);
    expect(simulation.seen()).toBe('~ $ ls|');
    expect(simulation.predictor.counts).toMatchObject({ wrong: 0 });
  });
});

describe('where keys are not echoed', () => {
  it.each([15, null])('never shows a password (mode told after %j ms)', async (modeAfterMs) => {
    const simulation = await atPrompt(true, { ...CALM, modeAfterMs });
    let shown = '';
    await simulation.typeAll('secret\r', KEY_MS);
    simulation.watch = (overlay) => {
      for (const { text } of overlay?.cells ?? []) if (/[A-Z]/.test(text)) shown += text;
    };
    await simulation.typeAll('HUNTER', KEY_MS);
    await simulation.run(QUIET_MS);
    await simulation.typeAll('TWO\r', KEY_MS);
    await simulation.run(QUIET_MS);
    expect(shown).toBe('');
    expect(simulation.printed).not.toContain('HUNTER');
  });

  it('never shows what a program masks', async () => {
    const simulation = new Simulation(new Masked());
    let shown = 0;
    simulation.watch = (overlay) => (shown += overlay?.cells.length ?? 0);
    await simulation.typeAll('hunter2\rhunter2\r', KEY_MS);
    await simulation.run(QUIET_MS);
    expect(shown).toBe(0);
  });

  it('echoes of the terminal itself are shown, arrows are not guessed', async () => {
    const simulation = await atPrompt();
    await simulation.typeAll('cat\r', KEY_MS);
    await simulation.run(QUIET_MS);
    await simulation.typeAll('hello', KEY_MS);
    await simulation.type('\x7f');
    expect(simulation.seen()).toBe('hell|');
    await simulation.type('\x1b[D');
    expect(simulation.seen()).toBe('hell|');
    await simulation.run(QUIET_MS);
    expect(simulation.seen()).toBe('hell^[[D|');
    expect(simulation.predictor.counts.wrong).toBe(0);
  });
});

describe('with the setting auto', () => {
  it.each([
    [10, ''],
    [100, 'l'],
  ])('and a round trip of %i ms "%s" is shown', async (roundTripMs, shown) => {
    const simulation = await atPrompt();
    simulation.predictor.setting = 'auto';
    simulation.predictor.roundTrip(roundTripMs);
    await simulation.type('l');
    expect(simulation.seen()).toBe(`~ $ ${shown}|`);
    // One that is late is shown all the same.
    await simulation.run(ROUND_TRIP_MS - 20);
    expect(simulation.seen()).toBe('~ $ l|');
  });

  it('off shows nothing', async () => {
    const simulation = await atPrompt();
    simulation.predictor.setting = 'off';
    await simulation.typeAll('ls', KEY_MS);
    expect(simulation.predictor.overlay(simulation.nowMs)).toBeNull();
  });
});

/** A person's next doing: a key after a while, or noise in the background. */
const doing = fc.tuple(
  fc.integer({ min: 0, max: 400 }),
  fc.oneof(
    { weight: 12, arbitrary: fc.constantFrom(...'abc de') },
    { weight: 3, arbitrary: fc.constantFrom('\x7f', '\x1b[D', '\x1b[C') },
    { weight: 2, arbitrary: fc.constantFrom('\r', '\t', '\x15', '\x04', 'あ', 'é', '😀', '👩‍🚀', '❤️') },
    { weight: 1, arbitrary: fc.constantFrom('secret', 'cat\r', 'noise') },
  ),
);
const weathers = fc.record({
  oneWayMs: fc.constantFrom(0, 5, 50, 100, 300),
  jitterMs: fc.constantFrom(0, 40),
  thinkMs: fc.constantFrom(0, 5, 60),
  ackLateMs: fc.constantFrom(0, 0, 30),
  modeAfterMs: fc.constantFrom(0, 15, 120, null),
});

it('whatever is typed on whatever connection, the end is the server’s screen, and no password was ever shown', async () => {
  await fc.assert(
    fc.asyncProperty(
      weathers,
      fc.array(doing, { maxLength: 40 }),
      fc.infiniteStream(fc.double({ min: 0, max: 1, noNaN: true })),
      async (weather, doings, chances) => {
        const random = (): number => chances.next().value ?? 0;
        const simulation = new Simulation(new Shell(), { ...weather, random });
        const shown = new Set<string>();
        simulation.watch = (overlay) => {
          for (const { text } of overlay?.cells ?? []) if (/[\u0100-\u01ff]/.test(text)) shown.add(text);
        };
        for (const [index, [afterMs, what]] of doings.entries()) {
          await simulation.run(afterMs);
          if (what === 'noise') simulation.noise('\r\nnoise\r\n');
          else if (what === 'secret') {
            // Letters of their own, which the program prints only where it would print anything.
            const letter = String.fromCodePoint(0x100 + index);
            await simulation.typeAll(`\x15secret\r${letter.repeat(5)}\r`, afterMs / 4);
          } else if (what.startsWith('\x1b')) await simulation.type(what);
          else await simulation.typeAll(what, 30);
        }
        await simulation.run(QUIET_MS);
        for (const letter of shown) expect(simulation.printed).toContain(letter);
        expect(simulation.predictor.overlay(simulation.nowMs)).toBeNull();
        expect(simulation.predictor.nextChangeMs(simulation.nowMs)).toBeNull();
      },
    ),
    { numRuns: 60 },
  );
}, 60_000);
