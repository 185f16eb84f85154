import { readFileSync } from 'node:fs';
import { z } from 'zod';

const Environment = z.object({
  /** The Worker's one module; there is no such Worker unless it is asked for. */
  ALEX_EDGE_BESIDE: z.string().min(1).optional(),
  ALEX_EDGE_BESIDE_PORT: z.coerce.number().int().min(1).max(65_535).optional(),
});

/**
 * Another Worker in the same workerd, on a port of its own on loopback: what benchmarks compare ours with, so that both
 * share whatever else the process does. It has no bindings. Out: none, or one, as Miniflare wants it.
 */
export function workersBeside(compatibilityDate: string) {
  const { ALEX_EDGE_BESIDE: file, ALEX_EDGE_BESIDE_PORT: port } = Environment.parse(process.env);
  if (file === undefined || port === undefined) return [];
  const modules = { 'index.js': { type: 'esm' as const, contents: readFileSync(file, 'utf8') } };
  return [
    {
      config: {
        name: 'beside',
        compatibilityDate,
        manifest: { mainModule: 'index.js', modulesRoot: '/', modules },
      },
      dev: { unsafeDirectSockets: [{ host: '127.0.0.1', port }] },
    },
  ];
}
