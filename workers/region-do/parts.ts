import type { Env } from '../shared/env.ts';
import type { Log } from '../shared/log.ts';
import type { ControlSockets } from './control-sockets.ts';
import type { Registry } from './registry.ts';

/** What the units of one region work on. */
export interface Parts {
  readonly ctx: DurableObjectState;
  readonly env: Env;
  readonly log: Log;
  /** Hosts and placements as they are kept. */
  readonly registry: Registry;
  /** Hosts that are connected. */
  readonly sockets: ControlSockets;
}
