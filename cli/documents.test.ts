import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Command } from 'commander';
import { expect, it } from 'vitest';
import packageJson from '../package.json' with { type: 'json' };
import type { Context } from './context.ts';
import { buildProgram } from './program.ts';

const root = join(import.meta.dirname, '..');
const documents = globSync(['*.md', 'docs/*.md'], { cwd: root }).map((path) => ({
  path,
  text: readFileSync(join(root, path), 'utf8'),
}));

/** All that a pattern's first group finds in a text. */
function found(text: string, pattern: RegExp): string[] {
  return [...text.matchAll(pattern)].map((match) => match[1] ?? '');
}

/** The fragments that lead to a document's headings. */
function fragments(text: string): string[] {
  return found(text, /^#+ (.*)$/gm).map((heading) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
      .replaceAll(' ', '-'),
  );
}

/** What is wrong with `alex WORDS` as a line of a document; nothing when there is such a command. */
function unknownCommand(words: string[], program: Command): string[] {
  const [first = '', second] = words;
  const command = program.commands.find((each) => each.name() === first);
  if (command === undefined) return [first];
  // Where a command takes no argument of its own, the next word can only be one of those below it.
  const mustBeOne = command.commands.length > 0 && command.registeredArguments.length === 0;
  if (!mustBeOne || second === undefined || !/^[a-z]+$/.test(second)) return [];
  return command.commands.some((each) => each.name() === second) ? [] : [`${first} ${second}`];
}

it('there are documents', () => {
  expect(documents.length).toBeGreaterThan(8);
});

it.each(documents)('$path links to what is there', ({ path, text }) => {
  const broken = found(text, /\]\(([^)\s]+)\)/g).filter((link) => {
    if (/^[a-z]+:/.test(link)) return false;
    const [file = '', fragment] = link.split('#');
    const target = file === '' ? join(root, path) : join(root, dirname(path), file);
    if (!existsSync(target)) return true;
    return fragment !== undefined && !fragments(readFileSync(target, 'utf8')).includes(fragment);
  });
  expect(broken).toEqual([]);
});

it.each(documents)('$path names commands that there are', ({ text }) => {
  const program = buildProgram({} as Context, [], () => undefined);
  const lines = found(text, /(?:npx |`|")alex ([a-z][^`"\n#|]*)/g);
  expect(lines.flatMap((line) => unknownCommand(line.trim().split(/\s+/), program))).toEqual([]);
  const scripts = found(text, /npm run ([a-z:]+)/g);
  expect(scripts.filter((script) => !(script in packageJson.scripts))).toEqual([]);
});

it('names no environment variable that nothing reads', () => {
  const code = globSync('{cli,client,protocol,workers,sandbox-host,scripts,web}/**/*.{ts,tsx,mjs,sh}', {
    cwd: root,
  })
    .filter((path) => !path.includes('.test.') && !path.includes('node_modules'))
    .map((path) => readFileSync(join(root, path), 'utf8'))
    .join('\n');
  const read = new Set(found(code, /\b(ALEX_[A-Z_]+)\b/g));
  const named = documents.flatMap(({ text }) => found(text, /\b(ALEX_[A-Z_]+)\b/g));
  expect(named.filter((name) => !read.has(name))).toEqual([]);
});
