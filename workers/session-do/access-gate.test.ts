import { describe, expect, it } from 'vitest';
import { MAX_STALENESS_MS } from '../shared/standing.ts';
import { AccessGate } from './access-gate.ts';
import { ASK_ACCESS_AGAIN_MS, MAX_HELD_BYTES, MAX_UNCHECKED_MS } from './limits.ts';
import { HeldTraffic } from './held-traffic.ts';

const NOW = 1_000_000;

describe('a viewer’s gate', () => {
  it('is shut before the first answer, asks for the next in time, and shuts when that does not come', () => {
    const gate = new AccessGate();
    expect(gate.at(NOW)).toBe('shut');
    gate.allowed(NOW);
    expect(gate.at(NOW + ASK_ACCESS_AGAIN_MS - 1)).toBe('open');
    expect(gate.at(NOW + ASK_ACCESS_AGAIN_MS)).toBe('ask');
    expect(gate.at(NOW + MAX_STALENESS_MS - 1)).toBe('ask');
    expect(gate.at(NOW + MAX_STALENESS_MS)).toBe('shut');
  });

  it('is not kept open by a clock that was set back', () => {
    const gate = new AccessGate();
    gate.allowed(NOW);
    expect(gate.at(NOW - 1)).toBe('shut');
  });

  it('stays open for a while when nobody answers, over a wake as well, and anew after the next answer', () => {
    const gate = new AccessGate();
    gate.allowed(NOW);
    expect(gate.unanswered(NOW + MAX_STALENESS_MS)).toBe(true);
    expect(gate.at(NOW + MAX_STALENESS_MS)).toBe('open');
    const woken = new AccessGate(gate.unansweredSinceMs);
    const endsMs = NOW + MAX_STALENESS_MS + MAX_UNCHECKED_MS;
    expect(woken.unanswered(endsMs - 1)).toBe(true);
    expect(woken.unanswered(endsMs)).toBe(false);
    gate.allowed(endsMs);
    expect(gate.unanswered(endsMs + 1)).toBe(true);
  });
});

it('no more than so much waits at a gate', () => {
  const held = new HeldTraffic();
  expect(held.isEmpty).toBe(true);
  expect(held.fromViewer('a')).toBe(true);
  expect(held.toViewer(new Uint8Array(MAX_HELD_BYTES - 1_000))).toBe(true);
  expect(held.fromViewer(new ArrayBuffer(1_000))).toBe(false);
  expect(held.take().fromViewer).toEqual(['a', new ArrayBuffer(1_000)]);
  expect(held.isEmpty).toBe(true);
  const many = new HeldTraffic();
  let count = 0;
  while (many.toViewer('')) count += 1;
  expect(count).toBeLessThan(MAX_HELD_BYTES);
});
