import { HostsApi } from '../../client/index.ts';
import { type Context, signedIn } from '../context.ts';
import { ago, jsonLine, printable, table } from '../output.ts';

interface HostOptions {
  region?: string;
  json?: boolean;
}

/** `alex hosts`: the sandbox hosts of a region. */
export async function listHosts(context: Context, options: HostOptions): Promise<void> {
  const hosts = await hostsOf(context).list(options.region);
  if (options.json === true) {
    context.stdout.write(jsonLine(hosts));
    return;
  }
  const rows = hosts.map((host) => [
    ...[printable(host.hostId), printable(host.region), host.state, `${host.sessions} of ${host.capacity}`],
    ...[`${Math.round(100 * host.cpuLoad)} %`, ago(Date.parse(host.lastSeenAt), context.nowMs())],
  ]);
  context.stdout.write(table([['HOST', 'REGION', 'STATE', 'SESSIONS', 'LOAD', 'SEEN'], ...rows]));
}

/** `alex hosts drain <host>`: it gets no more sessions. */
export async function drainHost(context: Context, hostId: string, options: HostOptions): Promise<void> {
  await hostsOf(context).drain(hostId, options.region);
  context.stderr.write('It gets no more sessions; those it has go on until it is stopped.\n');
}

function hostsOf(context: Context): HostsApi {
  return new HostsApi(signedIn(context).api.transport);
}
