import { readdirSync, readFileSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { Miniflare, Response } from 'miniflare';
import { unstable_readConfig as readConfig } from 'wrangler';
import { z } from 'zod';
import { ClientAddressSource } from './client-address-source.ts';
import { serveEdgeControl } from './edge-control.ts';
import { workersBeside } from './worker-beside.ts';
import { endWithoutWorkerd, workerdPid } from './workerd-process.ts';

/**
 * Runs the built Worker on workerd, configured by wrangler.toml, with its actors' storage in `<data>/edge`. Clients talk
 * to the Worker itself: nothing of this process is on the path of a byte, and nothing of Miniflare's, whose own socket,
 * with what it offers to developers, is only on loopback. Ends cleanly on SIGINT and SIGTERM.
 */
const ROOT = join(import.meta.dirname, '..');
/** Variables of this process that become the Worker's, when they are set. */
const PASSED_ON = [
  'ALLOWED_ORIGINS',
  'OIDC_PROVIDERS',
  'OPERATORS',
  'DATABASE_URL',
  'DATABASE_ENDPOINT',
  'ALEX_LOG',
  'ALEX_SANDBOX_CPUS',
  'ALEX_SANDBOX_MEMORY_BYTES',
  'ALEX_SANDBOX_DISK_BYTES',
  'ALEX_SANDBOX_MAX_PROCESSES',
  'ALEX_USER_REQUESTS_PER_S',
  'ALEX_ADDRESS_SOCKETS_PER_S',
  'ALEX_MAX_USER_SESSIONS',
  'ALEX_MAX_USER_SOCKETS',
  'ALEX_MAX_WORKSPACE_SESSIONS',
  'ALEX_WORKSPACE_STORAGE_BYTES',
  'ALEX_WORKSPACE_USD_PER_MONTH',
  'ALEX_SANDBOX_USD_PER_HOUR',
];
/** What the rate limits of wrangler.toml are for. */
const USER_REQUESTS_PER_S = 200;
const Environment = z.object({
  ALEX_DATA: z.string().min(1),
  ALEX_HOST: z.string().min(1),
  ALEX_PORT: z.coerce.number().int().min(1).max(65_535),
  ALEX_REGION: z.string().min(1),
  ALEX_SIGNING_KEY: z.string().min(1),
  ALEX_HOST_KEYS: z.string().min(1),
  /** Where the key-encryption keys are (see ./kek.ts). */
  ALEX_KEK_FILE: z.string().min(1),
  ALEX_CLIENT_ADDRESS: ClientAddressSource,
  ALEX_USER_REQUESTS_PER_S: z.coerce.number().positive().optional(),
  ALEX_EDGE_MAX_DESCRIPTORS: z.coerce.number().int().min(200).optional(),
  /** A unix socket on which tests take actors out of memory; there is none unless it is asked for. */
  ALEX_EDGE_CONTROL: z.string().min(1).optional(),
});
const config = Environment.parse(process.env);
const worker = readConfig({ config: join(ROOT, 'wrangler.toml') });
const name = z.string().parse(worker.name);
const compatibilityDate = z.string().parse(worker.compatibility_date);
const assets = z
  .object({ directory: z.string(), run_worker_first: z.array(z.string()) })
  .parse(worker.assets);

const text = (value: string) => ({ type: 'text' as const, value });
const variables = PASSED_ON.flatMap((key) => {
  const value = process.env[key];
  return value === undefined ? [] : [[key, text(value)] as const];
});
const actors = z
  .array(z.object({ name: z.string(), class_name: z.string() }))
  .parse(worker.durable_objects.bindings);
const buckets = z.array(z.object({ binding: z.string(), bucket_name: z.string() })).parse(worker.r2_buckets);
const RateLimits = z.array(
  z.object({
    name: z.string(),
    namespace_id: z.string(),
    simple: z.object({ limit: z.number(), period: z.union([z.literal(10), z.literal(60)]) }),
  }),
);
const rateLimits = RateLimits.parse(worker.ratelimits);
const entry = 'index.js';
const contents = readFileSync(join(ROOT, 'dist/worker', entry), 'utf8');

/** A rate limit of wrangler.toml, raised or lowered with what a user may do. */
function rateLimitOf({ name: binding, namespace_id, simple }: z.infer<typeof RateLimits>[number]) {
  const factor = (config.ALEX_USER_REQUESTS_PER_S ?? USER_REQUESTS_PER_S) / USER_REQUESTS_PER_S;
  const limit = binding === 'RATE_ADDRESS' ? simple.limit : Math.ceil(simple.limit * factor);
  return [
    binding,
    { type: 'rate-limit' as const, namespace: namespace_id, simple: { ...simple, limit } },
  ] as const;
}

/** Descriptors that workerd has open, and may have. It inherits the limit of this process. */
function edgeLoad(): { descriptors: number; maxDescriptors: number } {
  const [soft] = /^Max open files +(\d+)/m.exec(readFileSync('/proc/self/limits', 'utf8'))?.slice(1) ?? [];
  const maxDescriptors = Math.min(config.ALEX_EDGE_MAX_DESCRIPTORS ?? Infinity, Number(soft ?? Infinity));
  const pid = workerdPid();
  return { descriptors: pid === undefined ? 0 : descriptorsOf(pid), maxDescriptors };
}

/** The size of the directory is the number of its entries since Linux 6.2; before, they are counted. */
function descriptorsOf(pid: number): number {
  const directory = `/proc/${pid}/fd`;
  return statSync(directory).size || readdirSync(directory).length;
}

const { default: workerd } = z
  .object({ default: z.string() })
  .parse(createRequire(createRequire(import.meta.url).resolve('miniflare'))('workerd'));
Object.assign(process.env, {
  ALEX_WORKERD: workerd,
  ALEX_NODE: process.execPath,
  MINIFLARE_WORKERD_PATH: join(import.meta.dirname, 'workerd.sh'),
});

const miniflare = new Miniflare({
  host: '127.0.0.1',
  port: 0,
  // Nobody is told of, found by or asked about this Worker, and no place is made up for its requests.
  telemetry: { enabled: false },
  enableDevRegistry: false,
  cf: false,
  resourcePersistencePath: join(config.ALEX_DATA, 'edge'),
  workers: [
    {
      config: {
        name,
        compatibilityDate,
        compatibilityFlags: worker.compatibility_flags,
        manifest: { mainModule: entry, modulesRoot: '/', modules: { [entry]: { type: 'esm', contents } } },
        env: {
          ASSETS: { type: 'assets' },
          EDGE_LOAD: { type: 'fetcher', handler: () => Response.json(edgeLoad()) },
          ...Object.fromEntries(
            actors.map((actor) => [
              actor.name,
              { type: 'durable-object' as const, worker: name, exportName: actor.class_name },
            ]),
          ),
          ...Object.fromEntries(
            buckets.map(({ binding, bucket_name }) => [binding, { type: 'r2' as const, name: bucket_name }]),
          ),
          ...Object.fromEntries(rateLimits.map(rateLimitOf)),
          DEFAULT_REGION: text(config.ALEX_REGION),
          ALLOWED_ORIGINS: text(''),
          ALEX_CLIENT_ADDRESS: text(config.ALEX_CLIENT_ADDRESS),
          WORKER_PATHS: text(JSON.stringify(assets.run_worker_first)),
          ...Object.fromEntries(variables),
          SIGNING_KEY: text(config.ALEX_SIGNING_KEY),
          HOST_KEYS: text(config.ALEX_HOST_KEYS),
          KEK_KEYS: text(readFileSync(config.ALEX_KEK_FILE, 'utf8')),
        },
        exports: Object.fromEntries(
          actors.map((actor) => [
            actor.class_name,
            { type: 'durable-object' as const, storage: 'sqlite' as const },
          ]),
        ),
        assets: {
          directory: join(ROOT, assets.directory),
          hasUserWorker: true,
          notFoundHandling: 'single-page-application',
        },
      },
      dev: {
        unsafeDirectSockets: [{ host: config.ALEX_HOST, port: config.ALEX_PORT, entrypoint: 'direct' }],
      },
    },
    ...workersBeside(compatibilityDate),
  ],
});
endWithoutWorkerd();
await miniflare.ready;
if (config.ALEX_EDGE_CONTROL !== undefined) serveEdgeControl(config.ALEX_EDGE_CONTROL, miniflare, name);
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => void miniflare.dispose().then(() => process.exit(0)));
}
