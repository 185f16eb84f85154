import type { ITheme } from '@xterm/xterm';

/** Terminal colours for the dark and the light page. */
export const DARK: ITheme = {
  ...{
    background: '#0e1116',
    foreground: '#d7dce5',
    cursor: '#7aa2ff',
    cursorAccent: '#0e1116',
    selectionBackground: '#2f4470',
  },
  ...{
    black: '#1b2029',
    red: '#f2777a',
    green: '#8ccf7e',
    yellow: '#e5c76b',
    blue: '#7aa2ff',
    magenta: '#c68aee',
    cyan: '#6cd0d8',
    white: '#c9cfda',
  },
  ...{
    brightBlack: '#7c8798',
    brightRed: '#ff9194',
    brightGreen: '#a8e29b',
    brightYellow: '#f5dc8a',
    brightBlue: '#9bbaff',
    brightMagenta: '#d9a8f7',
    brightCyan: '#8fe3ea',
    brightWhite: '#f3f5f9',
  },
};
/**
 * The light page's: the twelve colours have the one luminance that reaches 4.5:1 both on white and under black, because programs use them
 * as text as well as behind it.
 */
export const LIGHT: ITheme = {
  ...{
    background: '#ffffff',
    foreground: '#1f2530',
    cursor: '#2456d6',
    cursorAccent: '#ffffff',
    selectionBackground: '#cfdcff',
  },
  ...{
    black: '#000000',
    red: '#cf463e',
    green: '#3c853a',
    yellow: '#907037',
    blue: '#3c72d8',
    magenta: '#a848d8',
    cyan: '#3d7e8e',
    white: '#6f7682',
  },
  ...{
    brightBlack: '#5a6373',
    brightRed: '#ec001b',
    brightGreen: '#00890b',
    brightYellow: '#9b6d00',
    brightBlue: '#1e6aff',
    brightMagenta: '#b136ea',
    brightCyan: '#018197',
    brightWhite: '#4a5261',
  },
};
