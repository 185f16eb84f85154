import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { boundLog } from './log-file.ts';
import { startOptions } from './start-options.ts';

test('flags win over variables, variables over defaults', () => {
  const defaults = { port: 8787, host: '127.0.0.1', data: '/root/.alex', open: false, json: false };
  expect(startOptions([], {}, '/root')).toEqual(defaults);
  const env = { ALEX_PORT: '9000', ALEX_DATA: '/data', ALEX_OPEN: '1', ALEX_JSON: '0' };
  expect(startOptions(['--port', '9001'], env, '/root')).toEqual({
    ...{ ...defaults, port: 9001, data: '/data', open: true },
  });
  expect(startOptions(['--help'], {}, '/root')).toBe('help');
});

test('what cannot be is said in words', () => {
  for (const port of ['0', '65536', 'x', '1.5']) {
    expect(() => startOptions(['--port', port], {}, '/')).toThrow(/port/i);
  }
  expect(() => startOptions(['--prot', '1'], {}, '/')).toThrow(/--prot/);
});

test('a log beyond its bound is moved aside', () => {
  const folder = mkdtempSync(join(tmpdir(), 'alex-log-'));
  const file = join(folder, 'part.log');
  boundLog(file, 10);
  writeFileSync(file, 'short');
  boundLog(file, 10);
  expect(readFileSync(file, 'utf8')).toBe('short');
  writeFileSync(file, 'much too long');
  boundLog(file, 10);
  expect([readFileSync(file, 'utf8'), readFileSync(`${file}.1`, 'utf8')]).toEqual(['', 'much too long']);
  rmSync(folder, { recursive: true });
});
