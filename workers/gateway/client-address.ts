import type { Env } from '../shared/env.ts';

/** Set by Cloudflare on every request; what a client sends under this name does not get there. */
const PLATFORM_HEADER = 'cf-connecting-ip';
/** Setting of `ALEX_CLIENT_ADDRESS`: the address that the connection comes from. */
const PEER = 'peer';

/** In what workerd says of a connection, as `clientIp`; an IPv6 address is in brackets. */
const WITH_PORT = /^(?:\[(.+)\]|([^:]+)):\d+$/;
const MAPPED = /^::ffff:(?=\d+\.)/i;

/**
 * Where a request comes from, for limits, policies and logs. On Cloudflare the platform says so. On a workerd of one's
 * own it is the other end of the connection, or, behind a proxy, the last address in the header that `ALEX_CLIENT_ADDRESS`
 * names, which is the one the proxy itself has put there. Nothing else that a client sends is believed.
 */
export function clientAddress(
  env: Pick<Env, 'ALEX_CLIENT_ADDRESS'>,
  request: Pick<Request, 'headers' | 'cf'>,
): string | undefined {
  const source = env.ALEX_CLIENT_ADDRESS;
  if (source === undefined) return request.headers.get(PLATFORM_HEADER) ?? undefined;
  const named = source === PEER ? undefined : request.headers.get(source)?.split(',').at(-1)?.trim();
  return named === undefined || named === '' ? peer(request.cf) : plain(named);
}

function peer(connection: Request['cf']): string | undefined {
  const address = connection !== undefined && 'clientIp' in connection ? connection['clientIp'] : undefined;
  return typeof address === 'string' ? plain(address) : undefined;
}

/** Without port and brackets; IPv4 is IPv4 also where the socket is one of IPv6. */
function plain(address: string): string {
  const [, v6, v4] = WITH_PORT.exec(address) ?? [];
  return (v6 ?? v4 ?? address).replace(MAPPED, '');
}
