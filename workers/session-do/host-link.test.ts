import { expect, it } from 'vitest';
import { KEEPALIVE_INTERVAL_MS } from '../../protocol/limits.ts';
import { HostLink } from './host-link.ts';

/** A link that stands, with the time of its last keepalive in the test's hands. */
function link(): { host: HostLink; ping: (atMs: number) => void; startMs: number } {
  let last: Date | null = null;
  const host = new HostLink(() => last);
  const { 1: server } = new WebSocketPair();
  server.accept();
  host.take(server, 1);
  return { host, ping: (atMs) => (last = new Date(atMs)), startMs: Date.now() };
}

it('is taken for dead when nothing was heard for long, not even a keepalive, and not before', () => {
  const { host, ping, startMs } = link();
  expect(host.silent(startMs + KEEPALIVE_INTERVAL_MS)).toBe(false);
  expect(host.silent(startMs + 2 * KEEPALIVE_INTERVAL_MS)).toBe(true);
  ping(startMs + 2 * KEEPALIVE_INTERVAL_MS);
  expect(host.silent(startMs + 3 * KEEPALIVE_INTERVAL_MS)).toBe(false);
  expect(host.silent(startMs + 4 * KEEPALIVE_INTERVAL_MS)).toBe(true);
  host.heard(startMs + 4 * KEEPALIVE_INTERVAL_MS);
  expect(host.silent(startMs + 5 * KEEPALIVE_INTERVAL_MS)).toBe(false);
});

it('is not silent when there is none', () => {
  const { host, startMs } = link();
  host.forget();
  expect(host.silent(startMs + 100 * KEEPALIVE_INTERVAL_MS)).toBe(false);
});
