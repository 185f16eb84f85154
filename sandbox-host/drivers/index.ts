import type { Logger } from '../shared/log.ts';
import { BubblewrapDriver } from './bubblewrap/index.ts';
import type { SandboxDriver } from './driver.ts';
import { UnisolatedDriver } from './none/index.ts';

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

/** Ways to make sandboxes, by name; the first is used unless told otherwise. */
export const DRIVER_NAMES = ['bubblewrap', 'none'] as const;
export type DriverName = (typeof DRIVER_NAMES)[number];

/** The driver of this name. */
export function createDriver(name: DriverName, options: DriverOptions): SandboxDriver {
  return name === 'none' ? new UnisolatedDriver(options) : new BubblewrapDriver(options);
}
