import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'vite';

/** The bare Worker as one module. */
export interface BareBundle {
  file: string;
  remove(): void;
}

/** Bundles the bare Worker into a directory of its own. */
export async function bundleBare(): Promise<BareBundle> {
  const directory = mkdtempSync(join(tmpdir(), 'alex-bare-'));
  await build({
    configFile: false,
    logLevel: 'error',
    ssr: { noExternal: true },
    build: { ssr: join(import.meta.dirname, 'bare-worker.ts'), outDir: directory },
  });
  return {
    file: join(directory, 'bare-worker.js'),
    remove: () => rmSync(directory, { recursive: true, force: true }),
  };
}
