import type { CellColor, CellStyle } from './screen.ts';

/** Colours of a terminal's theme, as xterm.js has them; absent ones are xterm's own. */
export interface ThemeColors {
  foreground?: string;
  background?: string;
  cursor?: string;
  cursorAccent?: string;
  black?: string;
  red?: string;
  green?: string;
  yellow?: string;
  blue?: string;
  magenta?: string;
  cyan?: string;
  white?: string;
  brightBlack?: string;
  brightRed?: string;
  brightGreen?: string;
  brightYellow?: string;
  brightBlue?: string;
  brightMagenta?: string;
  brightCyan?: string;
  brightWhite?: string;
}

const NAMES = [
  ...(['black', 'red', 'green', 'yellow', 'blue', 'magenta', 'cyan', 'white'] as const),
  ...(['brightBlack', 'brightRed', 'brightGreen', 'brightYellow'] as const),
  ...(['brightBlue', 'brightMagenta', 'brightCyan', 'brightWhite'] as const),
];
/** xterm.js's own first sixteen, for themes that name none. */
const DEFAULTS = [
  ...['#2e3436', '#cc0000', '#4e9a06', '#c4a000', '#3465a4', '#75507b', '#06989a', '#d3d7cf'],
  ...['#555753', '#ef2929', '#8ae234', '#fce94f', '#729fcf', '#ad7fa8', '#34e2e2', '#eeeeec'],
];
const CUBE = [0, 95, 135, 175, 215, 255];

/** CSS colours of a cell: of its text and behind it. */
export function cssColors(style: CellStyle, theme: ThemeColors): { text: string; behind: string } {
  const front = cssColor(style.foreground, theme) ?? theme.foreground ?? '#ffffff';
  const back = cssColor(style.background, theme) ?? theme.background ?? '#000000';
  const [text, behind] = style.inverse ? [back, front] : [front, back];
  return { text: style.dim ? `color-mix(in srgb, ${text} 50%, ${behind})` : text, behind };
}

/** Null for the default colour. */
function cssColor(color: CellColor, theme: ThemeColors): string | null {
  if (color.kind === 'default') return null;
  if (color.kind === 'rgb') return `#${color.value.toString(16).padStart(6, '0')}`;
  const { index } = color;
  const name = NAMES[index];
  if (name !== undefined) return theme[name] ?? DEFAULTS[index] ?? null;
  if (index >= 232) return rgb(8 + 10 * (index - 232), 8 + 10 * (index - 232), 8 + 10 * (index - 232));
  const at = index - 16;
  return rgb(CUBE[Math.floor(at / 36)], CUBE[Math.floor(at / 6) % 6], CUBE[at % 6]);
}

function rgb(red = 0, green = 0, blue = 0): string {
  return `rgb(${red}, ${green}, ${blue})`;
}
