import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { configPath, loginTarget, readLogin, removeLogin, resolveLogin, writeLogin } from './config.ts';
import { ExitCode } from './errors.ts';

const stored = { url: 'http://127.0.0.1:8787', token: 'stored' };
let directory = '';

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'alex-cli-'));
});
afterEach(() => {
  rmSync(directory, { recursive: true, force: true });
});

describe('the login file', () => {
  it('is under XDG_CONFIG_HOME, or ~/.config', () => {
    expect(configPath({ XDG_CONFIG_HOME: '/x' })).toBe('/x/alex-edge/config.json');
    expect(configPath({ XDG_CONFIG_HOME: 'relative', HOME: '/h' })).toBe('/h/.config/alex-edge/config.json');
  });

  it('comes back as it was stored, for its owner only', () => {
    const path = configPath({ XDG_CONFIG_HOME: directory });
    expect(readLogin(path)).toBeNull();
    writeLogin(path, stored);
    expect(readLogin(path)).toEqual(stored);
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(removeLogin(path)).toBe(true);
    expect(removeLogin(path)).toBe(false);
  });

  it('says so when it is broken', () => {
    const path = join(directory, 'config.json');
    writeFileSync(path, '{"url": 1}');
    expect(() => readLogin(path)).toThrow(/alex login/);
  });
});

describe('resolveLogin', () => {
  it('prefers the environment', () => {
    const env = { ALEX_URL: 'https://edge.example/x', ALEX_TOKEN: 't' };
    expect(resolveLogin(env, stored, 0)).toMatchObject({
      url: 'https://edge.example',
      token: 't',
      stored: null,
    });
    expect(resolveLogin({ ALEX_TOKEN: 't' }, stored, 0)).toEqual({
      ...{ url: 'http://127.0.0.1:8787', token: 't', stored: null },
    });
  });

  it('uses the stored login otherwise', () => {
    expect(resolveLogin({}, stored, 0)).toEqual({ ...stored, stored });
    expect(resolveLogin({ ALEX_URL: `${stored.url}/` }, stored, 0)).toMatchObject(stored);
  });

  it('never sends a stored token elsewhere, nor an ended one', () => {
    const notSignedIn = expect.objectContaining({ exitCode: ExitCode.NotSignedIn }) as Error;
    expect(() => resolveLogin({ ALEX_URL: 'https://other.example' }, stored, 0)).toThrow(notSignedIn);
    expect(() => resolveLogin({}, null, 0)).toThrow(notSignedIn);
    const ended = { ...stored, expiresAt: '2026-01-01T00:00:00.000Z' };
    const atEnd = Date.parse('2026-01-01T00:00:00.000Z');
    expect(() => resolveLogin({}, ended, atEnd)).toThrow(notSignedIn);
    const renewable = { ...ended, refreshToken: 'r', refreshExpiresAt: '2026-02-01T00:00:00.000Z' };
    expect(resolveLogin({}, renewable, atEnd)).toMatchObject({ stored: renewable });
    expect(() => resolveLogin({}, renewable, Date.parse('2026-02-01T00:00:00.000Z'))).toThrow(notSignedIn);
  });
});

describe('loginTarget', () => {
  it('takes a link apart, or an address', () => {
    expect(loginTarget('http://127.0.0.1:8787/sign-in?token=abc', {}, null)).toEqual({
      url: 'http://127.0.0.1:8787',
      token: 'abc',
    });
    const byCode = { url: 'https://edge.example', token: null };
    expect(loginTarget('https://edge.example/', {}, stored)).toEqual(byCode);
    expect(loginTarget(undefined, { ALEX_URL: 'https://edge.example/x' }, stored)).toEqual(byCode);
    expect(loginTarget(undefined, {}, { ...stored, url: 'https://edge.example' })).toEqual(byCode);
    expect(loginTarget(undefined, {}, null)).toEqual({ url: 'http://127.0.0.1:8787', token: null });
  });

  it.each(['', 'abc', 'http://127.0.0.1:8787/sign-in', 'http://x/sign-in?token=', 'ftp://x/sign-in?token=a'])(
    'refuses %j',
    (link) => {
      expect(() => loginTarget(link, {}, null)).toThrow(/neither a sign-in link/);
    },
  );
});
