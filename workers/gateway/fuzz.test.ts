import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ask, createSession, newUser, tokenFor } from '../testing/api.ts';

/** Requests per property; each goes through the whole Worker. */
const RUNS = 150;

/** Whatever comes in, the answer is one of ours: no 5xx, and a problem with a request id for every refusal. */
async function expectSane(response: Response): Promise<void> {
  expect(response.status).toBeLessThan(500);
  expect(response.headers.get('x-request-id')).not.toBeNull();
  const text = await response.text();
  if (response.status < 400) return;
  expect(response.headers.get('content-type')).toBe('application/problem+json');
  expect(JSON.parse(text)).toMatchObject({ status: response.status });
}

describe('whatever is sent', () => {
  it('bodies of any JSON are answered sanely', async () => {
    const token = await tokenFor(newUser());
    const { id } = await createSession(token);
    const paths = [
      ['POST', '/api/v1/sessions'],
      ['PATCH', `/api/v1/sessions/${id}`],
      ['POST', `/api/v1/sessions/${id}/terminals`],
      ['POST', '/api/v1/auth/sign-in'],
    ] as const;
    const member = fc.oneof(fc.jsonValue({ maxDepth: 2 }), fc.string({ unit: 'binary', maxLength: 120 }));
    const body = fc.oneof(
      fc.jsonValue({ maxDepth: 3 }),
      fc.record(
        {
          name: member,
          ttlMs: member,
          size: member,
          title: member,
          command: member,
          requestId: member,
          token: member,
        },
        { requiredKeys: [] },
      ),
    );
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...paths), body, async ([method, path], value) => {
        await expectSane(await ask(path, { method, token, body: value === undefined ? null : value }));
      }),
      { numRuns: RUNS },
    );
  });

  it('bodies that are no JSON are answered sanely', async () => {
    const token = await tokenFor(newUser());
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: 'binary', maxLength: 200 }), async (body) => {
        await expectSane(await ask('/api/v1/sessions', { method: 'POST', token, body }));
      }),
      { numRuns: RUNS },
    );
  });

  it('paths, queries, methods and headers are answered sanely', async () => {
    const token = await tokenFor(newUser());
    const segment = fc.oneof(
      fc.constantFrom(
        'api',
        'v1',
        'sessions',
        'terminals',
        'terminal',
        'tickets',
        'auth',
        'me',
        'hosts',
        'drain',
      ),
      fc.constantFrom(
        'ws',
        'host',
        'control',
        'docs',
        'sign-in',
        'metrics',
        '..',
        '',
        'aaaaaaaaaaaaaaaaaaaaaa',
        '1',
      ),
      fc.string({ maxLength: 30 }).map(encodeURIComponent),
    );
    const path = fc.oneof(
      fc.array(segment, { maxLength: 6 }),
      fc.array(segment, { maxLength: 3 }).map((rest) => ['api', 'v1', 'sessions', ...rest]),
    );
    const query = fc.record(
      { limit: fc.string(), cursor: fc.string(), session: fc.string(), region: fc.string() },
      { requiredKeys: [] },
    );
    const header = fc.stringMatching(/^[!-~]{0,60}$/);
    await fc.assert(
      fc.asyncProperty(
        path,
        query,
        fc.constantFrom('GET', 'HEAD', 'POST', 'PATCH', 'DELETE', 'PUT', 'OPTIONS'),
        fc.record(
          { 'x-request-id': header, origin: header, cookie: header, 'idempotency-key': header },
          { requiredKeys: [] },
        ),
        fc.constantFrom(token, null, 'nonsense'),
        async (segments, values, method, headers, bearer) => {
          const search = new URLSearchParams(values).toString();
          const response = await ask(`/${segments.join('/')}?${search}`, { method, headers, token: bearer });
          if (method === 'HEAD') expect(response.status).toBeLessThan(500);
          else await expectSane(response);
        },
      ),
      { numRuns: RUNS * 2 },
    );
  });
});
