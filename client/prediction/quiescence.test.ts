import fc from 'fast-check';
import { expect, it } from 'vitest';
import { Shell } from './testing/programs.ts';
import { Simulation } from './testing/simulation.ts';
import { WideLine } from './testing/wide-line.ts';

const QUIET_MS = 5_000;
/** Letters, wide characters, emoji of one and several code points, combining characters alone and with a letter. */
const TEXT = ['a', 'b', ' ', 'あ', '漢', '가', '😀', '👩‍💻', '🇩🇪', '\u0301', 'e\u0301', 'é', '\u200d', 'ｗ'];
const doing = fc.oneof(
  { weight: 12, arbitrary: fc.constantFrom(...TEXT) },
  { weight: 2, arbitrary: fc.constantFrom('x'.repeat(30), 'あ'.repeat(17)) },
  { weight: 5, arbitrary: fc.constantFrom('\x7f', '\x7f\x7f\x7f') },
  { weight: 2, arbitrary: fc.constantFrom('\r', '\x1b[D', '\x1b[C') },
  {
    weight: 2,
    arbitrary: fc.record({ cols: fc.integer({ min: 2, max: 50 }), rows: fc.integer({ min: 1, max: 10 }) }),
  },
  { weight: 2, arbitrary: fc.record({ ms: fc.integer({ min: 1, max: 2_000 }), screen: fc.boolean() }) },
);

it('when all is quiet nothing predicted is left, whatever characters, wraps, sizes and reconnects there were', async () => {
  let overlays = 0;
  await fc.assert(
    fc.asyncProperty(
      fc.boolean(),
      fc.constantFrom(0, 5, 100),
      fc.array(fc.tuple(fc.constantFrom(0, 20, 90, 400), doing), { maxLength: 30 }),
      fc.infiniteStream(fc.double({ min: 0, max: 1, noNaN: true })),
      async (wide, oneWayMs, doings, chances) => {
        const random = (): number => chances.next().value ?? 0;
        const weather = { oneWayMs, jitterMs: 20, thinkMs: 5, ackLateMs: 30, modeAfterMs: 15, random };
        const simulation = new Simulation(wide ? new WideLine() : new Shell(), weather);
        const { terminal, predictor } = simulation;
        simulation.watch = (overlay) => {
          if (overlay === null) return;
          overlays += 1;
          expect(overlay.y).toBeLessThan(terminal.rows);
          expect(overlay.x).toBeLessThan(terminal.cols);
          for (const { x, width } of overlay.cells) expect(x + width).toBeLessThan(terminal.cols);
        };
        for (const [afterMs, what] of doings) {
          await simulation.run(afterMs);
          if (typeof what === 'object') {
            if ('ms' in what) simulation.away(what.ms, what.screen);
            else simulation.resize(what.cols, what.rows);
          } else if (what.startsWith('\x1b')) await simulation.type(what);
          else await simulation.typeAll(what, 10);
        }
        await simulation.run(QUIET_MS + 2_000 * doings.length);
        // Predictions only lie over the terminal: without them a person sees what the server printed.
        expect(predictor.overlay(simulation.nowMs)).toBeNull();
        expect(predictor.nextChangeMs(simulation.nowMs)).toBeNull();
      },
    ),
    { numRuns: 60 },
  );
  expect(overlays).toBeGreaterThan(0);
}, 60_000);
