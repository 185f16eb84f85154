import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { z } from 'zod';

/** One key-encryption key: 256 random bits in url-safe base64, and the id that data keys name it by. */
export interface Kek {
  id: string;
  key: string;
}

/** A set as the edge takes it (KEK_KEYS): the first key is current, the others only unwrap. */
const KekSet = z.object({
  keys: z.array(z.object({ id: z.string().regex(/^[A-Za-z0-9._-]{1,64}$/), key: z.string() })).min(1),
});

export function newKek(id: string): Kek {
  return { id, key: randomBytes(32).toString('base64url') };
}

/** Where a data directory has its set. */
export function kekFileOf(dataDir: string): string {
  return join(dataDir, 'keys', 'kek.json');
}

/** The file with the set of a data directory, made on first use. */
export function ensureKekFile(dataDir: string): string {
  const file = kekFileOf(dataDir);
  if (!existsSync(file)) writeKeks(file, [newKek(idFor(new Date(), []))]);
  return file;
}

/** Reads a set. Throws when the file is not one. */
export function readKeks(file: string): Kek[] {
  return KekSet.parse(JSON.parse(readFileSync(file, 'utf8'))).keys;
}

/** Puts a new key first; those before it go on unwrapping. */
export function withNewKek(keys: Kek[], now: Date): Kek[] {
  return [newKek(idFor(now, keys)), ...keys];
}

/** Takes a key out. Throws when it is current, or not there. */
export function withoutKek(keys: Kek[], id: string): Kek[] {
  if (keys[0]?.id === id) throw new Error(`${id} is the current key; rotate first.`);
  if (!keys.some((key) => key.id === id)) throw new Error(`There is no key ${id} in the set.`);
  return keys.filter((key) => key.id !== id);
}

/** Writes a set for its owner alone, whole or not at all. */
export function writeKeks(file: string, keys: Kek[]): void {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  writeFileSync(`${file}.new`, JSON.stringify({ keys }), { mode: 0o600, flush: true });
  renameSync(`${file}.new`, file);
}

/** The day, and a number when there is one of that day already. */
function idFor(now: Date, keys: Kek[]): string {
  const day = `kek-${now.toISOString().slice(0, 10)}`;
  const taken = new Set(keys.map(({ id }) => id));
  for (let number = 1; ; number += 1) {
    const id = number === 1 ? day : `${day}-${number}`;
    if (!taken.has(id)) return id;
  }
}
