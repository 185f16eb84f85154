import { z } from 'zod';
import type { ApiTransport } from './api-transport.ts';

const ROOT = '/api/v1/hosts';

const Host = z.object({
  ...{ hostId: z.string(), region: z.string() },
  state: z.enum(['healthy', 'unhealthy', 'draining', 'lost']),
  ...{ sessions: z.int(), capacity: z.int() },
  /** Load of the last minute for each processor. */
  cpuLoad: z.number(),
  lastSeenAt: z.iso.datetime(),
});
export type Host = z.infer<typeof Host>;

/** The typed HTTP API of sandbox hosts, for operators. Calls throw as those of `Api` do. `region`: absent, the edge's own. */
export class HostsApi {
  readonly #http: ApiTransport;

  constructor(http: ApiTransport) {
    this.#http = http;
  }

  async list(region?: string): Promise<Host[]> {
    return (await this.#http.call('GET', ROOT + inRegion(region), z.object({ hosts: z.array(Host) }))).hosts;
  }

  /** The host gets no more sessions; those it has go on. */
  async drain(hostId: string, region?: string): Promise<void> {
    await this.#http.request('POST', `${ROOT}/${encodeURIComponent(hostId)}/drain${inRegion(region)}`);
  }
}

function inRegion(region: string | undefined): string {
  return region === undefined ? '' : `?${new URLSearchParams({ region }).toString()}`;
}
