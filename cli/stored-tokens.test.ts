import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { ApiError, type SignedIn } from '../client/index.ts';
import { type Login, readLogin, removeLogin, writeLogin } from './config.ts';
import { StoredTokens } from './stored-tokens.ts';

let directory = '';
let path = '';
let asked: string[] = [];

const url = 'http://127.0.0.1:8787';
const renewed = (n: number) => ({
  expiresAt: '2026-01-01T00:00:00.000Z',
  ...{ refreshToken: `refresh-${n}`, refreshExpiresAt: '2026-02-01T00:00:00.000Z' },
});
const login = (n: number): Login => ({ url, token: `access-${n}`, ...renewed(n) });

/** An edge that gives the successor of whatever it is asked with. */
function refresh(_url: string, refreshToken: string): Promise<SignedIn> {
  asked.push(refreshToken);
  const n = Number(refreshToken.split('-')[1]) + 1;
  const user = { userId: 'ada', displayName: 'Ada', workspaceId: 'ada' };
  return Promise.resolve({ accessToken: `access-${n}`, ...renewed(n), deviceId: 'd', user });
}

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'alex-tokens-'));
  path = join(directory, 'config.json');
  asked = [];
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

it('renews the token and keeps it for the next program', async () => {
  writeLogin(path, login(1));
  const tokens = new StoredTokens(path, login(1), refresh);
  expect(tokens.token).toBe('access-1');
  expect(await tokens.renew()).toBe(true);
  expect(tokens.token).toBe('access-2');
  expect(readLogin(path)).toEqual(login(2));
});

it('takes what another program has renewed, and renews on from there', async () => {
  writeLogin(path, login(1));
  const tokens = new StoredTokens(path, login(1), refresh);
  writeLogin(path, login(5));
  expect(await tokens.renew()).toBe(true);
  expect([tokens.token, asked]).toEqual(['access-5', []]);
  expect(await tokens.renew()).toBe(true);
  expect([tokens.token, asked]).toEqual(['access-6', ['refresh-5']]);
});

it('is over when somebody signed out or in elsewhere, and when the edge says so', async () => {
  writeLogin(path, login(1));
  const refused = () => Promise.reject(new ApiError(401, 'unauthenticated', 'no', null));
  expect(await new StoredTokens(path, login(1), refused).renew()).toBe(false);
  const unreachable = () => Promise.reject(new TypeError('fetch failed'));
  await expect(new StoredTokens(path, login(1), unreachable).renew()).rejects.toThrow('fetch failed');
  writeLogin(path, { ...login(2), url: 'https://other.example' });
  expect(await new StoredTokens(path, login(1), refresh).renew()).toBe(false);
  removeLogin(path);
  expect(await new StoredTokens(path, login(1), refresh).renew()).toBe(false);
  writeLogin(path, { url, token: 'access-1' });
  expect(await new StoredTokens(path, login(1), refresh).renew()).toBe(false);
  expect(asked).toEqual([]);
});
