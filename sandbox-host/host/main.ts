import { createLogger } from '../shared/log.ts';
import { readHostConfig } from './config.ts';
import { SandboxHost } from './host.ts';

/** Entry point of the host process. Ends cleanly on SIGINT and SIGTERM; exit code 2 for a bad configuration. */
async function main(): Promise<void> {
  const log = createLogger('host');
  let host: SandboxHost;
  try {
    host = new SandboxHost(readHostConfig(process.env), log);
  } catch (error) {
    log.fatal({ detail: error instanceof Error ? error.message : String(error) }, 'configuration');
    process.exitCode = 2;
    return;
  }
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => host.stop());
  await host.run();
}

await main();
