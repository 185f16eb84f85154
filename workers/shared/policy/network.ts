import ipaddr from 'ipaddr.js';

/** A parsed address or the whole of a block; IPv4 in IPv6 clothes is IPv4. */
type Address = ipaddr.IPv4 | ipaddr.IPv6;

/** Bits of an address that tell networks apart: neighbours behind one router or provider share them. */
const NETWORK_BITS = { ipv4: 24, ipv6: 48 } as const;

/** Whether an address lies in one of the CIDR blocks. What is no address lies in none. */
export function inNetworks(address: string | undefined, blocks: readonly string[]): boolean {
  const parsed = parse(address);
  return parsed !== null && blocks.some((block) => contains(block, parsed));
}

/** The network an address belongs to, as a CIDR block; null for what is no address. */
export function networkOf(address: string | undefined): string | null {
  const parsed = parse(address);
  if (parsed === null) return null;
  const bits = NETWORK_BITS[parsed.kind()];
  const bytes = parsed.toByteArray().map((byte, at) => (at < bits / 8 ? byte : 0));
  return `${ipaddr.fromByteArray(bytes).toString()}/${bits}`;
}

function contains(block: string, address: Address): boolean {
  const [range, bits] = ipaddr.parseCIDR(block);
  return range.kind() === address.kind() && address.match(range, bits);
}

function parse(address: string | undefined): Address | null {
  return address !== undefined && ipaddr.isValid(address) ? ipaddr.process(address) : null;
}
