import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Miniflare } from 'miniflare';
import { build } from 'vite';

/** A bare Hono route on a workerd like ours, of the same binary. */
export interface BareEdge {
  url: string;
  close(): Promise<void>;
}

/** Bundles the bare Worker and serves it on loopback, with nothing before it, as ours is served. */
export async function openBareEdge(): Promise<BareEdge> {
  const directory = mkdtempSync(join(tmpdir(), 'alex-bare-'));
  await build({
    configFile: false,
    logLevel: 'error',
    ssr: { noExternal: true },
    build: { ssr: join(import.meta.dirname, 'bare-worker.ts'), outDir: directory },
  });
  const contents = readFileSync(join(directory, 'bare-worker.js'), 'utf8');
  const miniflare = new Miniflare({
    host: '127.0.0.1',
    port: 0,
    telemetry: { enabled: false },
    workers: [
      {
        config: {
          name: 'bare',
          compatibilityDate: '2026-10-01',
          manifest: {
            ...{ mainModule: 'index.js', modulesRoot: '/' },
            modules: { 'index.js': { type: 'esm', contents } },
          },
        },
        dev: { unsafeDirectSockets: [{ host: '127.0.0.1', port: 0 }] },
      },
    ],
  });
  await miniflare.ready;
  const url = (await miniflare.unsafeGetDirectURL('bare')).origin;
  return {
    url,
    async close() {
      await miniflare.dispose();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}
