import type { Logger } from '../shared/log.ts';
import { BubblewrapDriver } from './bubblewrap/index.ts';
import type { SandboxDriver } from './driver.ts';

/** Sandboxes kept ready for sessions to come, unless told otherwise. */
export const DEFAULT_POOL_SIZE = 3;
export const MAX_POOL_SIZE = 100;

/** What every driver needs. */
export interface DriverOptions {
  /** Directory of this machine's state; the driver keeps `workspaces` in it. */
  dataDir: string;
  /** How many sandboxes to keep ready, where the driver can; 0: none. */
  poolSize: number;
  log: Logger;
}

/** The driver of this name. Throws for an unknown one. */
export function createDriver(name: string, options: DriverOptions): SandboxDriver {
  if (name === 'bubblewrap') return new BubblewrapDriver(options);
  throw new Error(`There is no sandbox driver "${name}"; use bubblewrap.`);
}
