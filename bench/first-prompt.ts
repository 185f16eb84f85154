import { Api, type SessionClient, type TerminalSink } from '../client/index.ts';
import { within } from '../test/support/deadline.ts';
import { connectSession } from './full-path.ts';
import { section } from './section.ts';
import { percentiles, type Percentiles } from './statistics.ts';
import { heading, row } from './table.ts';

const FULL = { times: 40 };
const QUICK = { times: 20 };
const MAX_MS = 150;
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
async function measureFirstPrompts(
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

type FirstPromptData = Record<'coldMs' | 'warmMs', Percentiles>;

/** From asking to the shell's prompt: in a new session, and in a second terminal of a running one. */
export const firstPrompt = section<FirstPromptData>({
  name: 'first-prompt',
  async measure(stack, plan) {
    const { times } = plan.quick ? QUICK : FULL;
    const { cold, warm } = await measureFirstPrompts(stack.url, stack.token, times);
    return { coldMs: percentiles(cold), warmMs: percentiles(warm) };
  },
  render: ({ coldMs, warmMs }) => [
    heading('First prompt, ms', 'p50', 'p95', 'max', 'times'),
    row('new session', 1, coldMs.p50, coldMs.p95, coldMs.max, String(coldMs.count)),
    row('second terminal', 1, warmMs.p50, warmMs.p95, warmMs.max, String(warmMs.count)),
  ],
  aims: (data) =>
    (['coldMs', 'warmMs'] as const).map((key) => ({
      aim: `first prompt, ${key === 'coldMs' ? 'new session' : 'second terminal'}, p95 under ${MAX_MS} ms`,
      measured: `${data[key].p95.toFixed(0)} ms`,
      met: data[key].p95 < MAX_MS,
    })),
});
