/** How long to wait before the next try after `failures` in a row: doubling from `minMs` to `maxMs`. */
export function retryDelayMs(failures: number, minMs: number, maxMs: number): number {
  return Math.min(maxMs, minMs * 2 ** Math.min(30, Math.max(0, failures - 1)));
}
