import type { ITheme } from '@xterm/xterm';
import { describe, expect, it } from 'vitest';
import { DARK, LIGHT } from './themes.ts';

/** Relative luminance and contrast as WCAG 2.2 defines them. */
function luminance(hex: string): number {
  const [r = 0, g = 0, b = 0] = [1, 3, 5].map((at) => {
    const part = Number.parseInt(hex.slice(at, at + 2), 16) / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}
function contrast(a: string | undefined, b: string | undefined): number {
  const [dark = 0, light = 0] = [luminance(a ?? ''), luminance(b ?? '')].sort((x, y) => x - y);
  return (light + 0.05) / (dark + 0.05);
}

const HUES = ['red', 'green', 'yellow', 'blue', 'magenta', 'cyan'] as const;
const BRIGHT = [
  'brightRed',
  'brightGreen',
  'brightYellow',
  'brightBlue',
  'brightMagenta',
  'brightCyan',
] as const;
const GREYS = ['white', 'brightBlack', 'brightWhite', 'foreground', 'cursor'] as const;

describe.each<[string, ITheme]>([
  ['dark', DARK],
  ['light', LIGHT],
])('the colours of a terminal on the %s page', (_name, theme) => {
  // Black on black is what a program means that asks for it on a dark screen; xterm.js raises it by itself.
  it.each([...HUES, ...BRIGHT, ...GREYS])('%s can be read on the background', (name) => {
    expect(contrast(theme[name], theme.background)).toBeGreaterThanOrEqual(4.5);
  });

  it.each([...HUES, ...BRIGHT])('%s can be read over, in black', (name) => {
    expect(contrast(theme.black, theme[name])).toBeGreaterThanOrEqual(4.5);
  });
});
