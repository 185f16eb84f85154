import type { TerminalExit } from '../../protocol/messages/session.ts';

/** How a terminal ended, in words. */
export function exitText(exit: TerminalExit): string {
  switch (exit.reason) {
    case 'exited':
      if (exit.signal !== null) return `Ended by ${exit.signal}.`;
      return exit.exitCode === 0 ? 'Ended.' : `Ended with code ${exit.exitCode ?? '?'}.`;
    case 'closed':
      return 'Closed.';
    case 'lost':
      return exit.message ?? 'Its sandbox is gone. The files in /workspace are kept.';
    case 'failed':
      return exit.message ?? 'It could not be started.';
  }
}
