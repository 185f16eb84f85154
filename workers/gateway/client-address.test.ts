import { describe, expect, it } from 'vitest';
import { clientAddress, countedAddress } from './client-address.ts';

const request = (headers: Record<string, string>, clientIp?: string) => ({
  headers: new Headers(headers),
  ...(clientIp === undefined ? {} : { cf: { clientIp } }),
});

describe('the address of a client', () => {
  it('is what Cloudflare says, unless told otherwise', () => {
    const from = { 'cf-connecting-ip': '203.0.113.9', 'x-forwarded-for': '198.51.100.1' };
    expect(clientAddress({}, request(from, '192.0.2.1:80'))).toBe('203.0.113.9');
    expect(clientAddress({}, request({}))).toBeUndefined();
  });

  it.each([
    ['192.0.2.1:53412', '192.0.2.1'],
    ['[2001:db8::1]:53412', '2001:db8::1'],
    ['[::ffff:192.0.2.1]:53412', '192.0.2.1'],
    ['2001:db8::1', '2001:db8::1'],
  ])('is the other end of the connection %s, whatever the client sends', (end, address) => {
    const lies = { 'cf-connecting-ip': '203.0.113.9', 'x-forwarded-for': '203.0.113.9' };
    expect(clientAddress({ ALEX_CLIENT_ADDRESS: 'peer' }, request(lies, end))).toBe(address);
  });

  it('is the last one in the header that the proxy sets: those before it came from the client', () => {
    const env = { ALEX_CLIENT_ADDRESS: 'x-forwarded-for' };
    const from = { 'x-forwarded-for': '203.0.113.9, 198.51.100.1' };
    expect(clientAddress(env, request(from, '127.0.0.1:80'))).toBe('198.51.100.1');
    expect(clientAddress(env, request({}, '127.0.0.1:80'))).toBe('127.0.0.1');
  });
});

it.each([
  ['203.0.113.9', '203.0.113.9'],
  ['::ffff:203.0.113.9', '203.0.113.9'],
  ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
  ['2001:db8:1:2::', '2001:db8:1:2::/64'],
  ['2001:db8:1:3::', '2001:db8:1:3::/64'],
  ['not:an:address', 'not:an:address'],
  [undefined, ''],
])('%s is counted as %s', (address, counted) => {
  expect(countedAddress(address)).toBe(counted);
});
