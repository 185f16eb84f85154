import { type Api, SessionClient, type SessionEvent } from '../../client/index.ts';
import { openNodeSocket } from '../../client/node-socket.ts';
import { type Context, signedIn } from '../context.ts';
import { connectionEnded } from '../errors.ts';
import { eventLine, jsonLine } from '../output.ts';
import { resolveSession } from '../resolve.ts';
import { allSessions } from './sessions.ts';

/** Flags of `alex events`. */
export interface EventsOptions {
  /** Only events after this version; without it all that are kept. */
  since?: number;
  follow?: boolean;
  json?: boolean;
}

/** `alex events <session>`: prints the event log, and with `--follow` what happens until interrupted. */
export async function events(context: Context, wanted: string, options: EventsOptions): Promise<void> {
  const { api } = signedIn(context);
  const session = resolveSession(await allSessions(api), wanted);
  let last = options.since ?? 0;
  const print = (event: SessionEvent): void => {
    if (event.version <= last) return;
    last = event.version;
    context.stdout.write(options.json === true ? jsonLine(event) : eventLine(event));
  };
  await printLog(api, session.id, options.since, print);
  if (options.follow === true) await follow(api, session.id, () => last, print);
}

async function printLog(
  api: Api,
  sessionId: string,
  since: number | undefined,
  print: (event: SessionEvent) => void,
): Promise<void> {
  let at = since;
  for (;;) {
    const page = await api.listEvents(sessionId, at === undefined ? {} : { since: at });
    for (const event of page.events) print(event);
    at = page.events.at(-1)?.version ?? page.version;
    if (at >= page.version) return;
  }
}

/** Follows until the session ends. What was missed while away is read from the log. */
function follow(
  api: Api,
  sessionId: string,
  last: () => number,
  print: (event: SessionEvent) => void,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const client = new SessionClient(
      { api, sessionId, openSocket: openNodeSocket, device: 'alex events' },
      {
        changed(_state, told) {
          if (told[0]?.version === last() + 1) for (const event of told) print(event);
          else printLog(api, sessionId, last(), print).catch(reject);
        },
        state(state) {
          if (state.kind === 'ended') reject(connectionEnded(state));
        },
      },
    );
    const stop = (): void => {
      resolve();
      client.close();
    };
    process.once('SIGINT', stop);
    process.once('SIGTERM', stop);
    client.connectNow();
  });
}
