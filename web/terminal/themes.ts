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
    brightBlack: '#5c6675',
    brightRed: '#ff9194',
    brightGreen: '#a8e29b',
    brightYellow: '#f5dc8a',
    brightBlue: '#9bbaff',
    brightMagenta: '#d9a8f7',
    brightCyan: '#8fe3ea',
    brightWhite: '#f3f5f9',
  },
};
export const LIGHT: ITheme = {
  ...{
    background: '#ffffff',
    foreground: '#1f2530',
    cursor: '#2456d6',
    cursorAccent: '#ffffff',
    selectionBackground: '#cfdcff',
  },
  ...{
    black: '#1f2530',
    red: '#b3261e',
    green: '#2d7a2b',
    yellow: '#8a6100',
    blue: '#2456d6',
    magenta: '#8632b5',
    cyan: '#0b7285',
    white: '#8b93a1',
  },
  ...{
    brightBlack: '#5a6373',
    brightRed: '#cf3a31',
    brightGreen: '#3a8f38',
    brightYellow: '#a37300',
    brightBlue: '#3f6fe8',
    brightMagenta: '#a04ccf',
    brightCyan: '#138a9f',
    brightWhite: '#4a5261',
  },
};
