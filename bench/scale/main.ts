import { availableParallelism, cpus, release } from 'node:os';
import { parseArgs } from 'node:util';
import { measureFloor } from './floor.ts';
import { floorLines, resultLines, verdictOn } from './report.ts';
import { measureSessions, type ScaleResult } from './run.ts';

/**
 * `npm run bench:scale`: how many sessions one workerd holds, what each costs it, how fast a key comes back, and how all
 * come back when it is killed. Edge, host and clients are the real ones, on disk and over real sockets.
 */
const HELP = `npm run bench:scale -- [--sessions N[,N…]] [--rest-after-ms MS] [--json]
  --sessions       how many, one run each (1000)
  --rest-after-ms  a session gives its stream back after so long without use (10000)
  --json           one JSON object instead of a table
`;
const { values } = parseArgs({
  options: {
    sessions: { type: 'string', default: '1000' },
    'rest-after-ms': { type: 'string', default: '10000' },
    json: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});
const counts = values.sessions.split(',').map(Number);
if (values.help || counts.some((count) => !Number.isSafeInteger(count) || count < 2)) {
  (values.help ? process.stdout : process.stderr).write(HELP);
  process.exit(values.help ? 0 : 2);
}
const FLOOR_ACTORS = 500;

const say = (text: string): void => void process.stderr.write(`${text}\n`);
const print = (lines: string[]): void => {
  if (!values.json) process.stdout.write(`${lines.join('\n')}\n`);
};
const machine = `${cpus()[0]?.model ?? 'unknown'}, ${availableParallelism()} cores, Linux ${release()}, Node ${process.version}`;
const at = new Date().toISOString();
print([
  `${machine}, ${at}`,
  'Terminals echo in the bench’s executor; edge, host and clients are the real ones and share the cores with it.',
]);
say('Floor: empty actors with one socket each …');
const floor = await measureFloor(FLOOR_ACTORS);
print(floorLines(floor));
const results: ScaleResult[] = [];
for (const count of counts) {
  const result = await measureSessions(count, Number(values['rest-after-ms']), say);
  print(resultLines(result, floor));
  results.push(result);
}
const aims = results.map((result) => verdictOn(result, floor));
if (values.json) process.stdout.write(`${JSON.stringify({ machine, at, floor, results, aims })}\n`);
