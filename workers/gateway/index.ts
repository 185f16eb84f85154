import type { Env } from '../shared/env.ts';
import { createApp } from './app.ts';
import { directEntry } from './direct-entry.ts';

export { DeviceCodeDO } from '../device-code-do/device-code-do.ts';
export { KeyringDO } from '../keyring-do/keyring-do.ts';
export { KeyDO } from '../key-do/key-do.ts';
export { MetricsDO } from '../metrics-do/metrics-do.ts';
export { RegionDO } from '../region-do/region-do.ts';
export { SessionDO } from '../session-do/session-do.ts';
export { UserDO } from '../user-do/user-do.ts';
export { WorkspaceDO } from '../workspace-do/workspace-do.ts';

const app = createApp();

/** The Worker on a workerd of one's own, where clients are connected to it and to nothing before it. */
export const direct = directEntry(app) satisfies ExportedHandler<Env>;

/**
 * The Worker: the gateway for requests; the actors above for everything that lasts. On a workerd of one's own nobody has
 * any business at this entrypoint, which believes what a platform before it would say.
 */
export default {
  fetch: (request, env, ctx) =>
    env.WORKER_PATHS === undefined ? app.fetch(request, env, ctx) : new Response(null, { status: 404 }),
} satisfies ExportedHandler<Env>;
