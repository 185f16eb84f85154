import { Api, type SessionClient, type TerminalSink } from '../client/index.ts';
import { within } from '../test/support/deadline.ts';
import { connectSession } from './full-path.ts';

const TIMEOUT_MS = 20_000;
const ESCAPE = '\x1b';
/** The end of the shell's prompt, which is coloured. */
const PROMPT = new RegExp(`\\$ (?:${ESCAPE}\\[[\\d;?]*[a-zA-Z])*$`);

/** Opens the login shell; resolves when its prompt is there. */
async function untilPrompt(client: SessionClient): Promise<void> {
  const prompt = Promise.withResolvers<undefined>();
  let seen = '';
  const sink: TerminalSink = {
    output(bytes, consumed) {
      seen += Buffer.from(bytes).toString('latin1');
      if (PROMPT.test(seen)) prompt.resolve(undefined);
      consumed();
    },
    screen: (_screen, consumed) => consumed(),
  };
  await client.open({ size: { cols: 80, rows: 24 } }, sink);
  await within(prompt.promise, TIMEOUT_MS, 'a prompt');
}

/**
 * Milliseconds to the first prompt. `cold`: a new session, from the API call on: session, socket, placement, sandbox,
 * shell. `warm`: a second terminal in it.
 */
export async function measureFirstPrompts(
  url: string,
  token: string,
  times: number,
): Promise<{ cold: number[]; warm: number[] }> {
  const api = new Api(url, token);
  const cold: number[] = [];
  const warm: number[] = [];
  for (let i = 0; i < times; i += 1) {
    const startedAtMs = performance.now();
    const session = await api.createSession({ name: 'first prompt' });
    const client = await connectSession(api, session.id);
    await untilPrompt(client);
    cold.push(performance.now() - startedAtMs);
    const againAtMs = performance.now();
    await untilPrompt(client);
    warm.push(performance.now() - againAtMs);
    client.close();
    await api.deleteSession(session.id);
  }
  return { cold, warm };
}
