import { SessionClient, type ScreenSnapshot } from '../../client/index.ts';
import { openNodeSocket } from '../../client/node-socket.ts';
import { within } from '../support/deadline.ts';
import type { Arena } from './arena.ts';
import type { ArenaTerminal, Wrong } from './arena-terminal.ts';
import type { Look } from './client-messages.ts';
import { blankTerminal, differenceAtEnd, lookOf, parsed } from './screen-look.ts';

const SCREEN_TIMEOUT_MS = 30_000;

/** The server's screen of a terminal, as somebody new gets it. */
async function serverScreen(arena: Arena, { spec, channel }: ArenaTerminal): Promise<Look> {
  const client = new SessionClient({
    ...{ api: arena.api(), sessionId: spec.session, openSocket: openNodeSocket, role: 'viewer' },
  });
  try {
    const came = new Promise<ScreenSnapshot>((resolve) => {
      client.attach(channel, { output: (_bytes, consumed) => consumed(), screen: resolve });
      // Of a terminal that has printed nothing there is no screen, only its size.
      client.on('message', (message) => {
        if (message.type !== 'attached' || message.mode !== 'resume') return;
        const { offset, terminal } = message;
        resolve({ offset, cols: terminal.cols, rows: terminal.rows, bytes: new Uint8Array(0) });
      });
    });
    client.connectNow();
    const screen = await within(came, SCREEN_TIMEOUT_MS, `the server's screen of ${spec.id}`);
    const { offset, cols, rows } = screen;
    const terminal = blankTerminal(screen);
    await parsed(terminal, screen.bytes);
    const lines = lookOf(terminal);
    terminal.dispose();
    return { offset, cols, rows, lines };
  } finally {
    client.close();
  }
}

/**
 * Compares, while nothing moves, what every client shows of a terminal with the server's screen: size, every line of screen
 * and of the server's scrollback, cursor; and that size with what the program in the terminal sees. Out: what is wrong.
 */
export async function compareAtRest(arena: Arena, terminal: ArenaTerminal): Promise<Wrong[]> {
  const { id } = terminal.spec;
  const wrong = (who: string, detail: string): Wrong => ({
    ...{ terminal: `${id} at ${who}`, direction: 'output', fault: 'screen', detail },
  });
  const place = ({ offset, cols, rows }: Look): string => `${cols}x${rows} at ${offset}`;
  const [server, inside, ...looks] = await Promise.all([
    serverScreen(arena, terminal),
    terminal.sizeInside(),
    ...arena.clients.map((client) => client.look(id)),
  ]);
  arena.tally.screens.atRest += 1;
  const found: Wrong[] = [];
  if (`${server.cols}x${server.rows}` !== inside)
    found.push(wrong('the program', `${inside ?? 'no size'} instead of ${place(server)}`));
  for (const [index, look] of looks.entries()) {
    const name = arena.clients[index]?.name ?? '';
    if (place(look) !== place(server)) found.push(wrong(name, `${place(look)} instead of ${place(server)}`));
    else if (terminal.spec.style === 'lines') {
      const differs = differenceAtEnd(look.lines, server.lines);
      if (differs !== null) found.push(wrong(name, `at rest, ${place(look)}, it shows ${differs}`));
    }
  }
  return found;
}
