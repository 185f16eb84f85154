import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ClientStorage } from './storage.ts';

/** One file per key in a folder that only its owner can read: what is typed may be a password. */
export function fileStorage(folder: string): ClientStorage {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const pathOf = (key: string): string => join(folder, encodeURIComponent(key));
  return {
    get(key) {
      try {
        return readFileSync(pathOf(key), 'utf8');
      } catch {
        return null;
      }
    },
    set(key, value) {
      if (value === null) return rmSync(pathOf(key), { force: true });
      // Whole or not at all, whenever the program dies.
      const next = `${pathOf(key)}.next`;
      writeFileSync(next, value, { mode: 0o600 });
      renameSync(next, pathOf(key));
    },
  };
}
