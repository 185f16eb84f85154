import type { Terminal } from '@xterm/xterm';

/**
 * Programs ask the terminal what it is and where its cursor stands, and the answers are typed. When several people look
 * at one terminal only one may answer, or the program reads every answer several times: while `quiet` says so, this
 * terminal leaves the questions to another.
 */
export function quietReplies(terminal: Terminal, quiet: () => boolean): void {
  const { parser } = terminal;
  // Device attributes, status and cursor reports, mode reports.
  for (const id of [
    { final: 'c' },
    { prefix: '>', final: 'c' },
    { final: 'n' },
    { prefix: '?', final: 'n' },
    { intermediates: '$', final: 'p' },
    { prefix: '?', intermediates: '$', final: 'p' },
  ]) {
    parser.registerCsiHandler(id, quiet);
  }
  // Settings (DECRQSS).
  parser.registerDcsHandler({ intermediates: '$', final: 'q' }, quiet);
  // Colours: only the question is answered; setting one goes on.
  for (const code of [4, 10, 11, 12]) {
    parser.registerOscHandler(code, (data) => data.includes('?') && quiet());
  }
}
