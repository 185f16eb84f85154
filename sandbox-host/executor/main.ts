import { randomBytes } from 'node:crypto';
import { rmSync, writeFileSync } from 'node:fs';
import { z } from 'zod';
import { REST_AFTER_MS } from '../../protocol/limits.ts';
import { createDriver, DEFAULT_POOL_SIZE, DRIVER_NAMES, MAX_POOL_SIZE } from '../drivers/index.ts';
import { createLogger, masker } from '../shared/log.ts';
import { ExecutorServer } from './server.ts';

const Environment = z.object({
  ALEX_DATA: z.string().min(1),
  ALEX_EXECUTOR_SOCKET: z.string().min(1),
  ALEX_EXECUTOR_TOKEN_FILE: z.string().min(1),
  ALEX_DRIVER: z.enum(DRIVER_NAMES).default(DRIVER_NAMES[0]),
  ALEX_SANDBOX_POOL: z.coerce.number().int().min(0).max(MAX_POOL_SIZE).default(DEFAULT_POOL_SIZE),
  ALEX_REST_AFTER_MS: z.coerce.number().int().min(1_000).default(REST_AFTER_MS),
});

/** Exit codes: 2 bad configuration, 3 this machine cannot isolate. */
async function main(): Promise<void> {
  const log = createLogger('executor');
  const parsed = Environment.safeParse(process.env);
  if (!parsed.success) {
    log.fatal({ detail: z.prettifyError(parsed.error) }, 'configuration');
    process.exitCode = 2;
    return;
  }
  const config = parsed.data;
  const driver = createDriver(config.ALEX_DRIVER, {
    dataDir: config.ALEX_DATA,
    poolSize: config.ALEX_SANDBOX_POOL,
    log,
  });
  const probe = await driver.probe();
  if (!probe.ok) {
    for (const problem of probe.problems) log.fatal(problem);
    log.fatal(
      'Shells cannot be isolated here, so none are started. Mend the above; or, if all who can sign in may do whatever you may do on this machine, set ALEX_DRIVER=none.',
    );
    process.exitCode = 3;
    return;
  }
  await driver.sweep();
  const token = randomBytes(32).toString('base64url');
  masker.secrets.register(token, 'executor-token');
  writeFileSync(config.ALEX_EXECUTOR_TOKEN_FILE, token, { mode: 0o600 });
  const server = new ExecutorServer(token, driver, log, { restAfterMs: config.ALEX_REST_AFTER_MS });
  // Left by an executor that was killed; a living one is kept out by the supervisor's lock.
  rmSync(config.ALEX_EXECUTOR_SOCKET, { force: true });
  await server.listen(config.ALEX_EXECUTOR_SOCKET);
  driver.prepareAhead();
  log.info(probe.facts, 'ready');
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => void server.close().then(() => process.exit(0)));
  }
}

await main();
