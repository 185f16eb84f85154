import { gzipSync } from 'node:zlib';

/**
 * What all scripts that the first page waits for may weigh together, gzipped: a fifth of a second at 10 Mbit/s. They weigh
 * 228 kB, half of it the chunk with the terminal. The rest is room for small things; what is large and not needed for a
 * terminal is loaded when it is asked for.
 */
export const MAX_FIRST_LOAD_BYTES = 235_000;

/** Modules that a terminal needs nothing of: pages of the settings, where links lead to, and their parts of the API. */
const NOT_FIRST = [
  /\/web\/(account|audit|landing)\//,
  /\/web\/workspace\/\w+Page\.tsx$/,
  /\/web\/settings\/(Settings|SettingsNav|HelpDialog)\.tsx$/,
  /\/web\/app\/(SignIn\.tsx|account-api\.ts)$/,
  /\/@xterm\/addon-(clipboard|search|web-links|webgl)\//,
  /\/client\/api-(account|audit|deletion|hosts|invitations|keys|share-links|workspaces)\.ts$/,
];

/** A chunk as the bundler makes it. `imports`: file names of the chunks it waits for. */
export interface Chunk {
  fileName: string;
  isEntry: boolean;
  imports: readonly string[];
  moduleIds: readonly string[];
  code: string;
}

/** The entries and every chunk that they wait for, each once. */
export function firstLoad(chunks: readonly Chunk[]): Chunk[] {
  const byName = new Map(chunks.map((chunk) => [chunk.fileName, chunk]));
  const first = new Set(chunks.filter((chunk) => chunk.isEntry));
  // A set also gives what is added while it is walked.
  for (const { imports } of first) {
    for (const name of imports) {
      const chunk = byName.get(name);
      if (chunk !== undefined) first.add(chunk);
    }
  }
  return [...first];
}

/** What is wrong with the first load, a sentence each; nothing when it is light enough and has only what it needs. */
export function firstLoadProblems(chunks: readonly Chunk[], maxBytes = MAX_FIRST_LOAD_BYTES): string[] {
  const first = firstLoad(chunks);
  const bytes = first.reduce((sum, { code }) => sum + gzipSync(code).length, 0);
  const problems = first
    .flatMap(({ moduleIds }) => moduleIds)
    .filter((id) => NOT_FIRST.some((pattern) => pattern.test(id)))
    .map((id) => `${id} is loaded with the first page; import it lazily.`);
  if (bytes > maxBytes) {
    problems.push(
      `The first page waits for ${bytes} bytes of scripts, gzipped; at most ${maxBytes} are allowed.`,
    );
  }
  return problems;
}
