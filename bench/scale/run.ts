import { setTimeout as delay } from 'node:timers/promises';
import { percentiles, type Percentiles } from '../statistics.ts';
import { Crowd } from './crowd.ts';
import { factsOf, perEach, type ProcessFacts } from './process-facts.ts';
import { ScaleSystem } from './system.ts';

const CLIENT_PROCESSES = 2;
const CONNECT_AT_ONCE = 24;
const TYPE_AT_ONCE = 24;
/**
 * Every session is woken by the check, and takes five descriptors more until it sleeps again, some 25 s later: as many as
 * fit beside the largest number that can be quiet.
 */
const TYPE_PER_S = 30;
const ACTIVE_SHARE = 0.01;
const ECHO_FOR_MS = 8_000;
const ECHO_EVERY_MS = 200;
const FIRST_KEYS = 40;
const SETTLE_TIMEOUT_MS = 60_000;
const SETTLED_MS = 2_500;

/** What one number of sessions showed. Memory and descriptors are those of workerd, for each session. */
export interface ScaleResult {
  sessions: number;
  connectPerS: number;
  /** Right after the last connected. */
  connected: ProcessFacts;
  /** All streams given back, all actors asleep, viewers connected. */
  quiet: ProcessFacts;
  restingShare: number;
  /** Keys in sessions that were resting: each gets its stream first. */
  firstKeyMs: Percentiles;
  /** Keys while so many sessions are in use. */
  activeSessions: number;
  echoMs: Percentiles;
  /** After workerd was killed: until half of the viewers, and all, were connected again. */
  recoveredHalfS: number;
  recoveredS: number;
  /** Bytes that never came back, came back wrong, or were replaced by a screen, over all sessions and the whole run. */
  lostBytes: number;
  wrongBytes: number;
  screens: number;
}

/** Measures `sessions` sessions in one workerd. */
export async function measureSessions(
  sessions: number,
  restAfterMs: number,
  say: (text: string) => void,
): Promise<ScaleResult> {
  const system = await ScaleSystem.start({
    ALEX_HOST_CAPACITY: String(sessions + 100),
    // All viewers of the bench are one user at one address.
    ALEX_USER_REQUESTS_PER_S: '5000',
    ALEX_ADDRESS_SOCKETS_PER_S: '5000',
    ALEX_REST_AFTER_MS: String(restAfterMs),
    ALEX_LOG: 'error',
  });
  const share = Math.ceil(sessions / CLIENT_PROCESSES);
  const crowd = new Crowd(system.url, system.token, CLIENT_PROCESSES, share);
  try {
    const pid = await system.workerd();
    const base = factsOf(pid);
    say(`${sessions}: connecting …`);
    const startedAtMs = performance.now();
    const started = await crowd.all({ what: 'start', count: share, concurrency: CONNECT_AT_ONCE });
    const connectPerS = started.sessions / ((performance.now() - startedAtMs) / 1000);
    const connected = perEach(factsOf(pid), base, started.sessions);
    say(`${sessions}: falling quiet …`);
    await quiet(crowd, pid);
    const asleep = perEach(factsOf(pid), base, started.sessions);
    const restingShare = (await crowd.all({ what: 'count' })).resting / started.sessions;
    say(`${sessions}: echo …`);
    const firstKeys = Math.min(FIRST_KEYS, Math.floor(share / 2));
    const firstKeyMs = percentiles(
      (await crowd.all({ what: 'first-keys', from: share - firstKeys, sessions: firstKeys })).samplesMs,
    );
    const active = Math.max(1, Math.round(share * ACTIVE_SHARE));
    const echo = { what: 'echo', sessions: active, everyMs: ECHO_EVERY_MS } as const;
    await crowd.all({ ...echo, forMs: 1_000 });
    const echoMs = percentiles((await crowd.all({ ...echo, forMs: ECHO_FOR_MS })).samplesMs);
    say(`${sessions}: killing workerd …`);
    const killedAtMs = performance.now();
    process.kill(pid, 'SIGKILL');
    await system.workerd(pid);
    const restartedMs = performance.now() - killedAtMs;
    const recovered = await crowd.all({ what: 'recover' });
    say(`${sessions}: checking every session …`);
    const verified = await crowd.all({
      what: 'verify',
      concurrency: TYPE_AT_ONCE,
      perS: TYPE_PER_S / CLIENT_PROCESSES,
    });
    return {
      sessions: started.sessions,
      connectPerS,
      connected,
      quiet: asleep,
      restingShare,
      firstKeyMs,
      activeSessions: active * CLIENT_PROCESSES,
      echoMs,
      recoveredHalfS: (restartedMs + percentiles(recovered.samplesMs).p50) / 1000,
      recoveredS: (restartedMs + Math.max(...recovered.samplesMs)) / 1000,
      lostBytes: verified.missingBytes,
      wrongBytes: verified.wrongBytes,
      screens: verified.screens,
    };
  } finally {
    crowd.stop();
    await system.stop();
  }
}

/** Waits until all rest and workerd's descriptors have stopped falling: its actors are asleep. */
async function quiet(crowd: Crowd, pid: number): Promise<void> {
  const deadlineMs = performance.now() + SETTLE_TIMEOUT_MS;
  for (let before = Infinity; performance.now() < deadlineMs; await delay(SETTLED_MS)) {
    const { resting, sessions } = await crowd.all({ what: 'count' });
    const { descriptors } = factsOf(pid);
    if (resting === sessions && descriptors >= before) return;
    before = resting === sessions ? descriptors : Infinity;
  }
}
