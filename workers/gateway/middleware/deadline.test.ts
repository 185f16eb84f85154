import { expect, it } from 'vitest';
import { Hono } from 'hono';
import { type GatewayEnv, answerProblem, ProblemError } from '../context.ts';
import { deadline } from './deadline.ts';

/** An app whose answers come when `answersIn` lets them. */
function slowApp(answersIn: (path: string) => Promise<undefined>): Hono<GatewayEnv> {
  const app = new Hono<GatewayEnv>();
  app.use(deadline(20, 60_000));
  app.get('*', async (c) => {
    await answersIn(c.req.path);
    return c.text('done');
  });
  app.onError((error, c) => {
    if (!(error instanceof ProblemError)) throw error;
    return answerProblem(
      c,
      error.code,
      error.message,
      error.status === undefined ? {} : { status: error.status },
    );
  });
  return app;
}

it('a request is answered in time, whoever does not answer, and told that it may still be carried out', async () => {
  const app = slowApp(() => new Promise(() => undefined));
  const answer = await app.request('/api/v1/sessions');
  expect(answer.status).toBe(504);
  expect(await answer.json()).toMatchObject({
    code: 'unavailable',
    detail: expect.stringContaining('may still'),
  });
});

it.each(['/api/v1/sessions/abc/terminals', '/api/v1/sessions/abc/terminals/1', '/api/v1/terminal'])(
  '%s may take longer',
  async (path) => {
    const { promise, resolve } = Promise.withResolvers<undefined>();
    const app = slowApp(() => promise);
    const asked = app.request(path);
    // Another's time is up meanwhile.
    expect((await app.request('/api/v1/sessions')).status).toBe(504);
    resolve(undefined);
    expect(await (await asked).text()).toBe('done');
  },
);
