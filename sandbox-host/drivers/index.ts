import type { Logger } from '../shared/log.ts';
import { createBubblewrapDriver } from './bubblewrap/index.ts';
import type { SandboxDriver } from './driver.ts';

/** What every driver needs. */
export interface DriverOptions {
  /** Directory of this machine's state; the driver keeps `workspaces` and `sandboxes` in it. */
  dataDir: string;
  log: Logger;
}

/** The driver of this name. Throws for an unknown one. */
export function createDriver(name: string, options: DriverOptions): SandboxDriver {
  if (name === 'bubblewrap') return createBubblewrapDriver(options);
  throw new Error(`There is no sandbox driver "${name}"; use bubblewrap.`);
}
