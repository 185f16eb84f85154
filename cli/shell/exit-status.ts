import { constants } from 'node:os';
import type { TerminalExit } from '../../protocol/messages/session.ts';
import { ExitCode } from '../errors.ts';

/** The exit code of `alex shell` for the end of a shell: its own; 128 + signal, as shells do; 1 when it did not end by itself. */
export function exitCodeOf(exit: TerminalExit): number {
  if (exit.exitCode !== null) return exit.exitCode;
  const signal = Object.entries(constants.signals).find(([name]) => name === exit.signal);
  if (signal !== undefined) return 128 + signal[1];
  return exit.reason === 'exited' ? ExitCode.Ok : ExitCode.Error;
}

/** What to tell a person about an end they did not bring about; null for an ordinary one. */
export function exitNotice(exit: TerminalExit): string | null {
  switch (exit.reason) {
    case 'exited':
      return null;
    case 'closed':
      return 'the terminal was closed';
    case 'lost':
      return exit.message ?? 'the sandbox was lost and the shell with it; files are kept';
    case 'failed':
      return exit.message ?? 'the terminal could not be started';
  }
}
