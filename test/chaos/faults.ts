import { request } from 'node:http';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Part } from '../support/stack.ts';
import type { Arena } from './arena.ts';
import type { ClientDriver } from './client-driver.ts';
import { startSecondHost } from './second-host.ts';
import type { ConnectionKind, ProxiedConnection } from './proxy.ts';
import { FAULTS, type FaultKind, type PlannedFault } from './schedule.ts';

/** Bytes that still pass before a cut, at most: a small frame or a part of a large one. */
const MAX_PASSED_BYTES = 3_000;
/** The stack's clock is set forward by at most so much at once, and back by at most so much (see docs/reliability.md). */
const MAX_FORWARD_S = 60;
const MAX_BACK_S = 3;
/** The clients' clock is wrong by at most so much, either way. */
const MAX_CLIENT_ERROR_S = 3_600;
const EVICT_TIMEOUT_MS = 10_000;

type Effect = (arena: Arena, fault: PlannedFault) => Promise<void> | void;

/** What each fault does to the arena. Each resolves when it is over; what it broke heals by itself, or the round fails. */
const EFFECTS: Record<FaultKind, Effect> = {
  'client-drop': (arena, fault) =>
    victim(arena.clients, fault)?.send({ do: 'drop', session: session(arena, fault) }),
  'client-reload': (arena, fault) =>
    victim(arena.clients, fault)?.send({
      ...{ do: 'reload', session: session(arena, fault), goodbye: fault.how < 0.5 },
    }),
  'client-kill': async (arena, fault) => {
    const client = victim(arena.clients, fault);
    if (client === undefined) return;
    await client.kill();
    await arena.revive(client);
  },
  'client-stop': async (arena, fault) => {
    const client = victim(arena.clients, fault);
    client?.freeze();
    await delay(fault.lastsMs);
    client?.thaw();
  },
  'net-cut': cut('viewer'),
  'net-reset': (arena, fault) => connection(arena, 'viewer', fault)?.reset(),
  'net-stall': (arena, fault) => connection(arena, 'viewer', fault)?.stall(fault.lastsMs),
  'net-half-open': (arena, fault) => {
    connection(arena, 'viewer', fault)?.silence();
    // The clients look after their connections, as a laptop that woke does; without it they take ten seconds longer.
    for (const client of arena.clients) client.send({ do: 'wake' });
  },
  'data-cut': cut('data'),
  'data-reset': (arena, fault) => connection(arena, 'data', fault)?.reset(),
  'data-stall': (arena, fault) => connection(arena, 'data', fault)?.stall(fault.lastsMs),
  'data-half-open': (arena, fault) => connection(arena, 'data', fault)?.silence(),
  'control-cut': cut('control'),
  'control-half-open': (arena, fault) => connection(arena, 'control', fault)?.silence(),
  'actor-evict': (arena, fault) => evict(arena, session(arena, fault), 'hibernate'),
  'actor-abort': (arena, fault) => evict(arena, session(arena, fault), 'close'),
  'workerd-kill': (arena) => killPart(arena, 'workerd'),
  'workerd-stop': stop('workerd'),
  'edge-kill': (arena) => killPart(arena, 'edge'),
  'host-kill': (arena) => killPart(arena, 'host'),
  'host-stop': stop('host'),
  'host-replace': async (arena, fault) => {
    // Half of the time the first host is frozen meanwhile, and comes back believing that nothing happened.
    const frozen = fault.how < 0.5 ? await arena.stack.pidOf('host') : null;
    if (frozen !== null) signal(frozen, 'SIGSTOP');
    const second = startSecondHost(await arena.stack.pidOf('host'), join(arena.directory, 'second-host.log'));
    await delay(fault.lastsMs);
    if (frozen !== null) signal(frozen, 'SIGCONT');
    await delay(fault.lastsMs / 2);
    second.kill('SIGKILL');
  },
  'executor-stop': stop('executor'),
  'executor-kill': (arena) => killPart(arena, 'executor'),
  'clock-jump': (arena, fault) => {
    if (fault.how < 0.7)
      arena.clock?.step(Math.round(-MAX_BACK_S + fault.whom * (MAX_FORWARD_S + MAX_BACK_S)));
    else arena.clientClock?.set(Math.round((2 * fault.whom - 1) * MAX_CLIENT_ERROR_S));
  },
};

/** Those of the faults asked for (null: of all) that this machine can make happen. */
export function possibleFaults(arena: Arena, asked: readonly FaultKind[] | null): FaultKind[] {
  const all = asked ?? (Object.keys(FAULTS) as FaultKind[]);
  return all.filter((kind) => kind !== 'clock-jump' || arena.clock !== null);
}

/** Makes a fault happen and counts it. Resolves when it is over. */
export async function inflict(arena: Arena, fault: PlannedFault): Promise<void> {
  arena.log(`fault ${fault.kind} (${fault.lastsMs} ms, ${fault.whom.toFixed(3)}, ${fault.how.toFixed(3)})`);
  arena.tally.fault(fault.kind);
  await EFFECTS[fault.kind](arena, fault);
}

function victim(clients: readonly ClientDriver[], { whom }: PlannedFault): ClientDriver | undefined {
  return clients[Math.floor(whom * clients.length)];
}

function session(arena: Arena, { whom }: PlannedFault): string {
  // Another share of the same number, so that client and session are chosen apart.
  return arena.sessions[Math.floor(((whom * 97) % 1) * arena.sessions.length)] ?? '';
}

function connection(
  arena: Arena,
  kind: ConnectionKind,
  { whom }: PlannedFault,
): ProxiedConnection | undefined {
  const there = arena.proxy.of(kind);
  return there[Math.floor(whom * there.length)];
}

function cut(kind: ConnectionKind): Effect {
  return (arena, fault) => connection(arena, kind, fault)?.cutAfter(Math.floor(fault.how * MAX_PASSED_BYTES));
}

function stop(part: Part): Effect {
  return async (arena, { lastsMs }) => {
    const pid = await arena.stack.pidOf(part);
    signal(pid, 'SIGSTOP');
    await delay(lastsMs);
    signal(pid, 'SIGCONT');
  };
}

async function killPart(arena: Arena, part: Part): Promise<void> {
  signal(await arena.stack.pidOf(part), 'SIGKILL');
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch {
    // Another fault was faster.
  }
}

/** Takes a session's actor out of memory; whether it could be is up to the edge, which may be down just now. */
function evict(arena: Arena, name: string, sockets: 'hibernate' | 'close'): Promise<void> {
  const query = new URLSearchParams({ class: 'SessionDO', name, sockets }).toString();
  return new Promise((resolve) => {
    const call = request(
      {
        ...{ socketPath: join(arena.directory, 'edge.sock'), path: `/evict?${query}`, method: 'POST' },
        signal: AbortSignal.timeout(EVICT_TIMEOUT_MS),
      },
      (response) => {
        if (response.statusCode !== 204) arena.log(`not evicted: ${response.statusCode ?? 'no answer'}`);
        response.resume().on('end', () => resolve());
      },
    );
    call.on('error', (error) => {
      arena.log(`not evicted: ${error.message}`);
      resolve();
    });
    call.end();
  });
}
