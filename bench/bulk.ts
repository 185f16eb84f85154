import { within } from '../test/support/deadline.ts';
import { type Contestant, outputWith } from './terminal.ts';

const READY_TIMEOUT_MS = 10_000;
const BULK_TIMEOUT_MS = 120_000;

/** Waits for a key, then prints exactly `bytes` bytes of ordinary text lines. `tail` keeps the tty open to its end. */
function bulkCommand(bytes: number): string[] {
  const line = 'The quick brown fox jumps over the lazy dog 0123456789, and prints on and on. ';
  return [
    'sh',
    '-c',
    `stty raw -echo; printf ready; head -c 1 >/dev/null; yes '${line}' | head -c ${bytes}; head -c 1 >/dev/null`,
  ];
}

/** Bulk output in MB/s (10^6 bytes), from the key to the last byte. */
export async function measureBulk(contestant: Contestant, bytes: number): Promise<number> {
  const terminal = await contestant.open(bulkCommand(bytes));
  try {
    await outputWith(terminal, 'ready', READY_TIMEOUT_MS);
    let received = 0;
    const all = new Promise<void>((resolve) => {
      terminal.listen((chunk) => {
        received += chunk.length;
        if (received >= bytes) resolve();
      });
    });
    const startedAtMs = performance.now();
    terminal.write(Uint8Array.of(0x67));
    await within(all, BULK_TIMEOUT_MS, 'bulk output');
    const elapsedMs = performance.now() - startedAtMs;
    if (received !== bytes) throw new Error(`Expected ${bytes} bytes, received ${received}.`);
    return bytes / 1000 / elapsedMs;
  } finally {
    await terminal.close();
  }
}
