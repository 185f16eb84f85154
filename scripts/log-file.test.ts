import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { boundLog, lastWords } from './log-file.ts';

let folder: string;
let file: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'alex-log-'));
  file = join(folder, 'part.log');
});
afterEach(() => rmSync(folder, { recursive: true }));

test('last words are the fatal lines at the end, and nothing from before', () => {
  const line = (level: number, msg: string, more = {}): string => JSON.stringify({ level, msg, ...more });
  const lines = [line(60, 'long ago'), 'not json', line(30, 'ready'), line(60, 'no bwrap')];
  writeFileSync(file, `${[...lines, line(60, 'configuration', { detail: 'no data' })].join('\n')}\n`);
  expect(lastWords(file)).toEqual(['no bwrap', 'no data']);
  writeFileSync(file, `${line(30, 'ready')}\n`);
  expect(lastWords(file)).toEqual([]);
});

test('a log beyond its size is moved aside', () => {
  writeFileSync(file, 'x'.repeat(10));
  boundLog(file, 10);
  expect(readFileSync(file, 'utf8')).toHaveLength(10);
  boundLog(file, 9);
  expect([readFileSync(file, 'utf8'), readFileSync(`${file}.1`, 'utf8')]).toEqual(['', 'x'.repeat(10)]);
});
