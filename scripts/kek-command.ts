import { parseArgs } from 'node:util';
import { join } from 'node:path';
import { ensureKekFile, newKek, readKeks, withNewKek, withoutKek, writeKeks } from './kek.ts';

/** `npm run kek`: the key-encryption keys of a data directory, or a set to give to another deployment as a secret. */
const HELP = `npm run kek -- COMMAND [--data DIR]

  list          ids of the keys, the current one first
  rotate        adds a key, which becomes current; restart, and data keys are wrapped anew as actors wake
  retire ID     takes a key out for good; what is still wrapped by it cannot be read any more
  new           prints a set with one new key, for \`wrangler secret put KEK_KEYS\`; touches no data directory

  --data DIR    the data directory (ALEX_DATA, or .alex)`;

function run(): void {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { data: { type: 'string' }, help: { type: 'boolean' } },
  });
  const [command, id] = positionals;
  if (values.help === true || command === undefined) return console.log(HELP);
  if (command === 'new') return console.log(JSON.stringify({ keys: [newKek(id ?? 'kek-1')] }));
  const data = values.data ?? process.env['ALEX_DATA'] ?? join(import.meta.dirname, '..', '.alex');
  const file = ensureKekFile(data);
  const keys = readKeks(file);
  if (command === 'rotate') writeKeks(file, withNewKek(keys, new Date()));
  else if (command === 'retire' && id !== undefined) writeKeks(file, withoutKek(keys, id));
  else if (command !== 'list') throw new Error(HELP);
  for (const [index, key] of readKeks(file).entries())
    console.log(index === 0 ? `${key.id} (current)` : key.id);
}

try {
  run();
} catch (error) {
  console.error(error instanceof Error ? error.message : String(error));
  process.exitCode = 2;
}
