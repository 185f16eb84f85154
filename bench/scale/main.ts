import { availableParallelism, cpus, release } from 'node:os';
import { parseArgs } from 'node:util';
import { heading, row } from '../table.ts';
import { measureFloor } from './floor.ts';
import type { ProcessFacts } from './process-facts.ts';
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
const FLOOR_MAX_RATIO = 1.3;
const ECHO_MAX_MS = 50;
const RECOVERY_MAX_S = 30;

const say = (text: string): void => void process.stderr.write(`${text}\n`);
say('Floor: empty actors with one socket each …');
const floor = await measureFloor(FLOOR_ACTORS);
const results: ScaleResult[] = [];
for (const count of counts) results.push(await measureSessions(count, Number(values['rest-after-ms']), say));
const aims = results.map((result) => ({
  sessions: result.sessions,
  quietToFloor: result.quiet.memoryKib / floor.asleep.memoryKib,
  met:
    result.quiet.memoryKib <= FLOOR_MAX_RATIO * floor.asleep.memoryKib &&
    result.echoMs.p99 < ECHO_MAX_MS &&
    result.recoveredS < RECOVERY_MAX_S &&
    result.lostBytes + result.wrongBytes + result.screens === 0,
}));
const machine = `${cpus()[0]?.model ?? 'unknown'}, ${availableParallelism()} cores, Linux ${release()}, Node ${process.version}`;
const at = new Date().toISOString();
if (values.json) process.stdout.write(`${JSON.stringify({ machine, at, floor, results, aims })}\n`);
else process.stdout.write(`${table().join('\n')}\n`);

function table(): string[] {
  const facts = (name: string, { descriptors, memoryKib }: ProcessFacts): string =>
    row(name, 1, descriptors, memoryKib, memoryKib / floor.asleep.memoryKib);
  const lines = [
    `${machine}, ${at}`,
    'Terminals echo in the bench’s executor; edge, host and clients are the real ones and share the cores with it.',
    '',
    heading('Each adds to workerd', 'descriptors', 'KiB (PSS)', 'x floor'),
    facts('empty actor, awake', floor.awake),
    facts('empty actor, asleep', floor.asleep),
  ];
  for (const { sessions, connected, quiet } of results)
    lines.push(facts(`${sessions}, connected`, connected), facts(`${sessions}, quiet`, quiet));
  lines.push('', heading('Keys, ms', 'p50', 'p99', 'max'));
  for (const { sessions, activeSessions, echoMs, firstKeyMs } of results) {
    lines.push(row(`${sessions}, ${activeSessions} in use`, 1, echoMs.p50, echoMs.p99, echoMs.max));
    lines.push(row(`${sessions}, after a rest`, 1, firstKeyMs.p50, firstKeyMs.p99, firstKeyMs.max));
  }
  lines.push('', heading('All', 'connect /s', 'half back, s', 'all back, s', 'lost bytes'));
  for (const each of results) {
    const { sessions, connectPerS, recoveredHalfS, recoveredS, lostBytes, wrongBytes, screens } = each;
    const bad = `${lostBytes + wrongBytes + screens}`;
    lines.push(row(`${sessions} sessions`, 1, connectPerS, recoveredHalfS, recoveredS, bad));
  }
  const text = aims.map(({ sessions, met }) => `${sessions}: ${met ? 'met' : 'NOT MET'}`).join(', ');
  lines.push(
    '',
    `Aims (quiet within ${FLOOR_MAX_RATIO}x of the floor, p99 under ${ECHO_MAX_MS} ms, all back within ${RECOVERY_MAX_S} s, nothing lost): ${text}`,
  );
  return lines;
}
