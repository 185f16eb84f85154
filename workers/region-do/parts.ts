import type { Env } from '../shared/env.ts';
import type { Alarms } from '../shared/alarms.ts';
import type { AuditOutbox } from '../shared/audit/outbox.ts';
import type { DirectoryOutbox } from '../shared/directory/outbox.ts';
import type { Log } from '../shared/log.ts';
import type { ControlSockets } from './control-sockets.ts';
import type { LostPlacements } from './lost-placements.ts';
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
  /** Placements whose sessions are to be told of their end. */
  readonly lost: LostPlacements;
  /** What others are still to be told, by alarm. */
  readonly alarms: Alarms;
  readonly audit: AuditOutbox;
  readonly directory: DirectoryOutbox;
}
