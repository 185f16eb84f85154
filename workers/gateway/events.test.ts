import { beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { JsonDocument, SessionEvent } from '../../protocol/messages/session.ts';
import { checksumOf } from '../../protocol/sync/checksum.ts';
import { merge } from '../../protocol/sync/merge-patch.ts';
import { ask, createSession, expectProblem, newUser, tokenFor } from '../testing/api.ts';

const Page = z.object({ events: z.array(SessionEvent), version: z.int() });
const State = z.object({ version: z.int(), checksum: z.string(), state: JsonDocument });
let token: string;
let path: string;

beforeEach(async () => {
  token = await tokenFor(newUser());
  path = `/api/v1/sessions/${(await createSession(token, 'first')).id}`;
});

const page = async (query: string): Promise<z.infer<typeof Page>> =>
  Page.parse(await (await ask(`${path}/events${query}`, { token })).json());
const rename = (name: string): Promise<Response> => ask(path, { method: 'PATCH', token, body: { name } });

describe('the event log over HTTP', () => {
  it('leads from nothing to the state, page by page, each step proved by its checksum', async () => {
    for (const name of ['second', 'third', 'fourth']) await rename(name);
    let document = {};
    let since = 0;
    for (let newest = 1; since < newest;) {
      const { events, version } = await page(`?since=${since}&limit=2`);
      expect(events.length).toBeLessThanOrEqual(2);
      for (const event of events) {
        expect(event.version).toBe(since + 1);
        document = merge(document, event.delta ?? {});
        expect(checksumOf(document)).toBe(event.checksum);
        since = event.version;
      }
      newest = version;
    }
    const state = State.parse(await (await ask(`${path}/state`, { token })).json());
    expect(checksumOf(state.state)).toBe(state.checksum);
    expect(document).toMatchObject({ session: { name: 'fourth' } });
    // The placement of its sandbox may have gone on meanwhile.
    if (state.version === since) expect(state.state).toEqual(document);
    expect((await page('')).events[0]?.subject).toBe('session.created');
  });

  it('says what to do about a version it does not have, and refuses nonsense and strangers', async () => {
    const problem = await expectProblem(await ask(`${path}/events?since=999`, { token }), 410, 'gone');
    expect(problem.detail).toContain('take the state');
    for (const query of ['?since=-1', '?since=x', '?limit=0', '?limit=201']) {
      await expectProblem(await ask(`${path}/events${query}`, { token }), 400, 'invalid-request');
    }
    const stranger = await tokenFor(newUser());
    for (const what of ['events', 'state']) {
      await expectProblem(await ask(`${path}/${what}`, { token: stranger }), 404, 'not-found');
    }
  });
});
