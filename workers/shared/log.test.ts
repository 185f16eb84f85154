import { env } from 'cloudflare:test';
import { afterEach, expect, it, vi } from 'vitest';
import { createLogger } from './log.ts';
import { openKek } from './vault/configured-kek.ts';

const JWT = 'eyJhbGciOiJFZERTQSJ9.eyJzdWIiOiJsb2NhbCJ9.c2lnbmF0dXJlLW9mLWl0LWFsbA';

afterEach(() => {
  vi.restoreAllMocks();
});

it('masks secrets in every part of a line, and keeps it JSON', () => {
  const lines: string[] = [];
  vi.spyOn(console, 'warn').mockImplementation((line: string) => void lines.push(line));
  openKek(env);
  const { key } = JSON.parse(env.KEK_KEYS).keys[0];
  const log = createLogger('test', { sessionId: 's', base: `ghp_${'a1B2'.repeat(9)}` });
  log('warn', `refused ${JWT}`, { ticket: 'opaque', error: `Error: {"key":"${key}"}`, count: 3, gone: null });
  expect(JSON.parse(lines[0] ?? '')).toMatchObject({
    ...{
      level: 'warn',
      part: 'test',
      sessionId: 's',
      base: '[masked:github-token]',
      msg: 'refused [masked:jwt]',
    },
    ...{
      ticket: '[masked:secret]',
      error: 'Error: {"key":"[masked:key-encryption-key]"}',
      count: 3,
      gone: null,
    },
  });
});
