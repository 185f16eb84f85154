import { describe, expect, it } from 'vitest';
import { Api } from './api.ts';
import type { TokenSource } from './token-source.ts';

const problem = (status: number): Response =>
  Response.json({ status, code: 'unauthenticated', detail: 'no', requestId: 'r-12345678' }, { status });
const page = () => Response.json({ sessions: [], nextCursor: null });

/** An edge that takes only the newest token, and says what it was asked. */
class PlayedEdge implements TokenSource {
  good = 2;
  token = 'token-1';
  readonly asked: string[] = [];
  renewals = 0;

  readonly fetch = async (url: string, init: RequestInit = {}): Promise<Response> => {
    await Promise.resolve();
    const token = new Headers(init.headers).get('authorization') ?? '';
    this.asked.push(`${init.method} ${new URL(url).pathname} ${token}`);
    return token === `Bearer token-${this.good}` ? page() : problem(401);
  };

  async renew(): Promise<boolean> {
    this.renewals += 1;
    await new Promise((resolve) => setTimeout(resolve));
    this.token = `token-${this.renewals + 1}`;
    return true;
  }
}

describe('a request whose token is refused', () => {
  it('is sent again with a new one; several share one renewal', async () => {
    const edge = new PlayedEdge();
    const api = new Api('https://edge.test', edge, edge.fetch);
    await Promise.all(Array.from({ length: 5 }, () => api.listSessions()));
    expect(edge.renewals).toBe(1);
    expect(edge.asked).toHaveLength(10);
    await api.listSessions();
    expect(edge.renewals).toBe(1);
  });

  it('is sent again once: a new token that is refused too is the answer', async () => {
    const edge = new PlayedEdge();
    edge.good = 99;
    const api = new Api('https://edge.test', edge, edge.fetch);
    await expect(api.listSessions()).rejects.toMatchObject({ status: 401 });
    expect(edge.asked).toHaveLength(2);
  });
});

describe('a page', () => {
  function pageApi(refreshStatus: number, first = 401) {
    const asked: string[] = [];
    const answers = [first, 200];
    const api = new Api('https://edge.test', null, async (url, init = {}) => {
      const path = new URL(url).pathname;
      asked.push(`${init.method} ${path}`);
      if (path === '/api/v1/auth/refresh')
        return refreshStatus === 200 ? new Response() : problem(refreshStatus);
      return answers.shift() === 200 ? page() : problem(first);
    });
    return { api, asked };
  }

  it('has its cookies renewed', async () => {
    const { api, asked } = pageApi(200);
    await api.listSessions();
    expect(asked).toEqual(['GET /api/v1/sessions', 'POST /api/v1/auth/refresh', 'GET /api/v1/sessions']);
  });

  it('is signed out when they cannot be renewed, but not when the edge is only busy', async () => {
    await expect(pageApi(401).api.listSessions()).rejects.toMatchObject({ status: 401 });
    await expect(pageApi(503).api.listSessions()).rejects.toMatchObject({ status: 503 });
  });

  it('renews nothing for other refusals', async () => {
    const { api, asked } = pageApi(200, 403);
    await expect(api.listSessions()).rejects.toMatchObject({ status: 403 });
    expect(asked).toHaveLength(1);
  });
});
