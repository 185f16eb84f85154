import ipaddr from 'ipaddr.js';
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

/** Bits of an IPv6 address that a provider gives each customer: whoever has one has all of them. */
const CUSTOMER_BITS = 64;

/**
 * Under which name an address is counted where limits are by address: IPv4 by itself, IPv6 by its /64, or who has one would
 * begin anew with every request. What is no address stands for itself; undefined: all whose address nobody says.
 */
export function countedAddress(address: string | undefined): string {
  if (address?.includes(':') !== true || !ipaddr.IPv6.isValid(address)) return address ?? '';
  const parsed = ipaddr.IPv6.parse(address);
  if (parsed.isIPv4MappedAddress()) return parsed.toIPv4Address().toString();
  const bytes = parsed.toByteArray().fill(0, CUSTOMER_BITS / 8);
  return `${ipaddr.fromByteArray(bytes).toString()}/${CUSTOMER_BITS}`;
}
