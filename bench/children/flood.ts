import { openFullPath } from '../full-path.ts';
import { childEnvironment, untilStopped } from './child.ts';

/** A session of its own that prints without end, and its viewer. Its last line is the rate in MB/s. */
const WARM_UP_BYTES = 5_000_000;

const { url, token } = childEnvironment();
const session = await openFullPath(url, token);
const terminal = await session.open([
  'sh',
  '-c',
  "exec yes 'and on and on and on and on and on and on and on'",
]);
const warm = Promise.withResolvers<undefined>();
let bytes = 0;
let startedAtMs = 0;
terminal.listen((chunk) => {
  bytes += chunk.length;
  if (startedAtMs > 0 || bytes < WARM_UP_BYTES) return;
  startedAtMs = performance.now();
  bytes = 0;
  warm.resolve(undefined);
});
await warm.promise;
console.log('ready');
await untilStopped();
console.log((bytes / 1000 / (performance.now() - startedAtMs)).toFixed(1));
await session.close();
process.exit(0);
