import { createExecutionContext, env, waitOnExecutionContext } from 'cloudflare:test';
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { Env } from '../shared/env.ts';
import { randomId } from '../shared/ids.ts';
import { ask, expectProblem, newUser, tokenFor } from '../testing/api.ts';
import { newKey } from '../testing/api-keys.ts';
import { countRequest, isTooBusy, SAMPLE_ONE_IN } from './coarse-limits.ts';

afterEach(() => void vi.restoreAllMocks());
const draw = (drawn: boolean) => vi.spyOn(Math, 'random').mockReturnValue(drawn ? 0 : 0.99);

async function count(bindings: Env, id: string, times = 1): Promise<void> {
  const ctx = createExecutionContext();
  for (let time = 0; time < times; time += 1) countRequest(bindings, ctx, 'user', id);
  await waitOnExecutionContext(ctx);
}

describe('coarse limits', () => {
  it('turn away for a second whom the platform finds too busy, and nobody else', async () => {
    draw(true);
    const id = randomId(9);
    // The limit of the binding, in wrangler.toml.
    await count(env, id, 80);
    expect(isTooBusy('user', id, Date.now())).toBe(false);
    await count(env, id);
    const nowMs = Date.now();
    expect(isTooBusy('user', id, nowMs)).toBe(true);
    expect(isTooBusy('key', id, nowMs)).toBe(false);
    expect(isTooBusy('user', randomId(9), nowMs)).toBe(false);
    expect(isTooBusy('user', id, nowMs + 1_000)).toBe(false);
  });

  it('ask about one request in fifty, and let everybody in where there is no binding', async () => {
    const limit = vi.fn(async () => ({ success: true }));
    const { RATE_USER: _absent, ...without } = env;
    draw(false);
    await count({ ...without, RATE_USER: { limit } }, 'a', 50);
    expect(limit).not.toHaveBeenCalled();
    vi.spyOn(Math, 'random').mockReturnValue(1 / SAMPLE_ONE_IN - 0.001);
    await count({ ...without, RATE_USER: { limit } }, 'a');
    expect(limit).toHaveBeenCalledTimes(1);
    await count(without, 'a');
    expect(isTooBusy('user', 'a', Date.now())).toBe(false);
  });
});

describe('every answer to somebody known', () => {
  it('says what is left, and a refusal when to come again', async () => {
    const token = await tokenFor(newUser());
    const first = await ask('/api/v1/auth/me', { token });
    expect(first.headers.get('ratelimit-policy')).toBe('"user";q=1000;w=5');
    expect(first.headers.get('ratelimit')).toMatch(/^"user";r=999;t=1$/);
    const second = await ask('/api/v1/auth/me', { token });
    expect(second.headers.get('ratelimit')).toMatch(/^"user";r=99[89];t=1$/);
    const { key } = await newKey(token, ['sessions:read']);
    expect((await ask('/api/v1/auth/me', { token: key })).headers.get('ratelimit')).toContain('"key"');
    expect((await ask('/api/v1/openapi.json')).headers.get('ratelimit')).toContain('"address"');
  });

  it('refuses who asks too much, with when to come again', async () => {
    vi.useFakeTimers({ toFake: ['Date'] });
    const token = await tokenFor(newUser());
    const answers = await Promise.all(Array.from({ length: 1_001 }, () => ask('/api/v1/auth/me', { token })));
    const refused = answers.filter(({ status }) => status === 429);
    vi.useRealTimers();
    expect(refused.length).toBe(1);
    const [last] = refused;
    expect(last?.headers.get('retry-after')).toBe('1');
    expect(last?.headers.get('ratelimit')).toContain('r=0');
    if (last !== undefined) await expectProblem(last, 429, 'rate-limited');
  });
});
