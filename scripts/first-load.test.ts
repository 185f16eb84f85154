import { expect, test } from 'vitest';
import { type Chunk, firstLoad, firstLoadProblems } from './first-load.ts';

const chunk = (fileName: string, imports: string[], moduleIds: string[] = [], code = ''): Chunk => ({
  ...{ fileName, imports, moduleIds, code },
  isEntry: fileName === 'index.js',
});

test('the first load is the entry and what it waits for, also by way of others and in circles', () => {
  const chunks = [
    ...[chunk('later.js', ['shared.js']), chunk('index.js', ['page.js']), chunk('page.js', ['shared.js'])],
    chunk('shared.js', ['index.js']),
  ];
  expect(firstLoad(chunks).map(({ fileName }) => fileName)).toEqual(['index.js', 'page.js', 'shared.js']);
});

test('what is too heavy, or not needed for a terminal, is told; what is loaded later is not', () => {
  const keys = '/x/web/account/KeysPage.tsx';
  const later = [chunk('index.js', []), chunk('keys.js', ['index.js'], [keys], 'x'.repeat(1000))];
  expect(firstLoadProblems(later, 100)).toEqual([]);
  const now = [chunk('index.js', ['keys.js']), chunk('keys.js', [], [keys, '/x/client/api-keys.ts'])];
  expect(firstLoadProblems(now, 100)).toEqual([
    `${keys} is loaded with the first page; import it lazily.`,
    '/x/client/api-keys.ts is loaded with the first page; import it lazily.',
  ]);
  expect(firstLoadProblems(now, 10)).toHaveLength(3);
});
