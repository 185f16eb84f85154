import fc from 'fast-check';
import { expect, it } from 'vitest';
import { cellsIn, fontThatFits } from './letterbox.ts';

const cell = { width: 8, height: 16 };

it('a terminal that fits keeps its font size', () => {
  expect(fontThatFits({ width: 800, height: 600 }, { cols: 80, rows: 24 }, cell, 14)).toBe(14);
});

it('a larger one gets smaller text until it fits, or text would be too small to read', () => {
  fc.assert(
    fc.property(fc.integer({ min: 300, max: 2_000 }), fc.integer({ min: 2, max: 300 }), (width, cols) => {
      const fontPx = fontThatFits({ width, height: 5_000 }, { cols, rows: 10 }, cell, 14);
      const widthPx = (cols * cell.width * fontPx) / 14 + 14;
      expect(fontPx).toBeLessThanOrEqual(14);
      expect(fontPx === 5 || widthPx <= width).toBe(true);
    }),
  );
});

it('a place has as many cells as fit beside the scroll bar', () => {
  expect(cellsIn({ width: 814, height: 170 }, cell)).toEqual({ cols: 100, rows: 10 });
  expect(cellsIn({ width: 20, height: 170 }, cell)).toBeNull();
});
