import { expect, test } from 'vitest';
import { OUTPUT_WINDOW_BYTES } from '../limits.ts';
import { MAX_WINDOW_BYTES, MIN_WINDOW_BYTES, ViewerWindow } from './viewer-window.ts';

const FRAME_BYTES = 64 * 1024;

/** A flood to a reader at a round trip of `roundTripMs` that reads `bytesPerMs`. Out: windows by time, bytes read. */
function flood(
  roundTripMs: number,
  bytesPerMs: number,
  durationMs: number,
): { window: ViewerWindow; read: number } {
  const window = new ViewerWindow();
  let [sent, acked, read] = [0, 0, 0];
  /** Bytes that have arrived at the reader at each millisecond, and acknowledgements on their way back. */
  const arriving: { atMs: number; offset: number }[] = [];
  const acks: { atMs: number; offset: number }[] = [];
  let there = 0;
  for (let nowMs = 0; nowMs < durationMs; nowMs++) {
    while (acks[0] !== undefined && acks[0].atMs <= nowMs) {
      acked = acks.shift()?.offset ?? acked;
      window.acked(acked, nowMs);
    }
    while (sent - acked < window.bytes) {
      sent += FRAME_BYTES;
      arriving.push({ atMs: nowMs + roundTripMs / 2, offset: sent });
      if (window.wants(sent - acked)) window.start(sent, acked, nowMs);
    }
    while (arriving[0] !== undefined && arriving[0].atMs <= nowMs) there = arriving.shift()?.offset ?? there;
    read = Math.min(there, read + bytesPerMs);
    acks.push({ atMs: nowMs + roundTripMs / 2, offset: read });
  }
  return { window, read };
}

test('a far reader gets a window that keeps its line full', () => {
  const { window, read } = flood(200, 20_000, 10_000);
  expect(window.bytes).toBe(MAX_WINDOW_BYTES);
  // With the window it began with, 2.6 MB a second.
  expect(read / 10_000).toBeGreaterThan(8_000);
});

test('a near and fast reader keeps the window it began with', () => {
  for (const bytesPerMs of [20_000, 60_000]) {
    expect(flood(2, bytesPerMs, 5_000).window.bytes).toBe(OUTPUT_WINDOW_BYTES);
  }
});

test('a slow reader gets the smallest one, so that little waits before an answer to Ctrl-C', () => {
  expect(flood(4, 1_000, 20_000).window.bytes).toBe(MIN_WINDOW_BYTES);
});

test('one that never acknowledges never gets more', () => {
  const window = new ViewerWindow();
  window.start(OUTPUT_WINDOW_BYTES, 0, 0);
  window.acked(0, 100_000);
  expect(window.bytes).toBe(OUTPUT_WINDOW_BYTES);
});

test('bytes a screen stood for are not taken for speed', () => {
  const window = new ViewerWindow();
  window.start(100_000, 0, 0);
  window.skipped();
  window.acked(50_000_000, 100);
  expect(window.bytes).toBe(OUTPUT_WINDOW_BYTES);
});
