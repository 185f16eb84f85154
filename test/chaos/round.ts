import { setTimeout as delay } from 'node:timers/promises';
import type { Arena } from './arena.ts';
import type { ArenaTerminal, Wrong } from './arena-terminal.ts';
import { compareAtRest } from './at-rest.ts';
import type { ClientDriver } from './client-driver.ts';
import { inflict } from './faults.ts';
import type { RoundPlan } from './schedule.ts';
import { PROGRAM_EXIT_CODE } from './world.ts';

/** How long everything may take to come right after the last fault of a round is over. */
const HEAL_TIMEOUT_MS = 90_000;
/** What differs when all seems to be at rest may do so for so long. */
const REST_TIMEOUT_MS = 10_000;
const LOOK_EVERY_MS = 15;

/** Carries out a round and checks every byte of it. Out: what is wrong; nothing, if all is well. */
export async function playRound(arena: Arena, plan: RoundPlan): Promise<Wrong[]> {
  const resized = arena.terminals.filter(
    (_unused, index) => (plan.terminals[index]?.resizes.length ?? 0) > 0,
  );
  if (resized.length > 0) {
    for (const terminal of resized) arena.steady(terminal, null);
    // Known to all before the first change.
    await Promise.all(arena.clients.map((client) => client.settled()));
  }
  const startedAtMs = performance.now();
  const at = async (atMs: number, act: () => Promise<void> | void): Promise<void> => {
    await delay(Math.max(0, atMs - (performance.now() - startedAtMs)));
    await act();
  };
  arena.watcher?.send({ do: 'delay', ms: plan.watcherDelayMs });
  const ending = new Set<number>();
  const acts = plan.faults.map((fault) => at(fault.atMs, () => inflict(arena, fault)));
  for (const [index, planned] of plan.terminals.entries()) {
    const terminal = arena.terminals[index];
    if (terminal === undefined) continue;
    const { id, typists } = terminal.spec;
    for (const [typist, keys] of planned.typing.slice(0, typists).entries()) {
      for (const { atMs, bytes } of keys) {
        acts.push(at(atMs, () => arena.typists[typist]?.send({ do: 'type', terminal: id, bytes })));
      }
    }
    for (const { atMs, bytes } of planned.printing) acts.push(at(atMs, () => terminal.print(bytes)));
    for (const { atMs, typist, cols, rows, take } of planned.resizes) {
      const client = arena.typists[typist % typists];
      if (client !== undefined)
        acts.push(at(atMs, () => arena.resize(client, terminal, { cols, rows }, take)));
    }
    if (planned.ends) ending.add(index);
  }
  await Promise.all(acts);
  if (plan.faults.some(({ kind }) => kind === 'executor-kill')) return afterExecutorDeath(arena);
  // A terminal ends only once all that was typed was read: the program would take the rest with it.
  const unread = await healed(arena, () =>
    arena.terminals.every((terminal) => terminal.look() && isSized(arena, terminal)),
  );
  for (const index of ending) arena.terminals[index]?.end();
  const late =
    unread ?? (await healed(arena, () => arena.terminals.every((each) => isComplete(arena, each))));
  arena.watcher?.send({ do: 'delay', ms: 0 });
  const wrong = [...arena.wrong.splice(0), ...arena.terminals.flatMap((terminal) => terminal.check())];
  arena.countInput();
  if (wrong.length === 0 && late !== null) return [late];
  if (wrong.length > 0) return wrong;
  for (const terminal of resized) {
    if (terminal.ending) continue;
    const different = await differenceAtRest(arena, terminal);
    if (different.length > 0) return different;
    arena.steady(terminal, terminal.printed);
  }
  for (const index of ending) {
    arena.tally.terminalsEnded += 1;
    arena.forget(index);
    await arena.open(index);
  }
  return arena.wrong.splice(0);
}

/** What stays wrong at rest: a window that is told again after a reconnect may still move what looked still. */
async function differenceAtRest(arena: Arena, terminal: ArenaTerminal): Promise<Wrong[]> {
  const deadlineMs = performance.now() + REST_TIMEOUT_MS;
  for (;;) {
    const different = await compareAtRest(arena, terminal);
    if (different.length === 0 || performance.now() > deadlineMs) return different;
    await delay(LOOK_EVERY_MS);
  }
}

/** Waits for clients to have done what they were told, then until `done`. Out: what to report if it never is. */
async function healed(arena: Arena, done: () => boolean): Promise<Wrong | null> {
  const deadlineMs = performance.now() + HEAL_TIMEOUT_MS;
  await Promise.all(arena.clients.map((client) => client.settled()));
  while (!done()) {
    if (arena.wrong.length > 0) return null;
    if (performance.now() > deadlineMs) return stuck(arena);
    await delay(LOOK_EVERY_MS);
  }
  return null;
}

/** Every client has the terminal at one and the same size, which is that of one of the windows. */
function isSized(arena: Arena, terminal: ArenaTerminal): boolean {
  const sizes = arena.clients.map((client) => client.statuses.get(terminal.spec.id));
  const [first] = sizes;
  if (first === undefined || !terminal.isSizeOfWindow(first)) return false;
  return sizes.every((size) => size?.cols === first.cols && size.rows === first.rows);
}

/** Every client has every byte, and the end if there is one; nothing is pending. */
function isComplete(arena: Arena, terminal: ArenaTerminal): boolean {
  if (!terminal.ending && !isSized(arena, terminal)) return false;
  return arena.clients.every((client) => {
    const status = client.statuses.get(terminal.spec.id);
    if (status === undefined || status.received !== terminal.printed) return false;
    if (!terminal.ending) return status.pendingInputBytes === 0 && status.exit === null;
    const { exit } = status;
    return exit?.exitCode === PROGRAM_EXIT_CODE && exit.offset === terminal.printed;
  });
}

function stuck(arena: Arena): Wrong {
  const unhappy = arena.terminals.filter((terminal) => !terminal.look() || !isComplete(arena, terminal));
  const at = (client: ClientDriver, { spec }: ArenaTerminal): string =>
    `${client.name} ${JSON.stringify(client.statuses.get(spec.id) ?? null)}`;
  const detail = unhappy.map(
    (terminal) => `${terminal.describe()}; ${arena.clients.map((client) => at(client, terminal)).join('; ')}`,
  );
  return {
    ...{ terminal: 'all', direction: 'output', fault: 'lost' },
    detail: `not healed after ${HEAL_TIMEOUT_MS / 1000} s: ${detail.join(' | ')}`,
  };
}

/**
 * The other promise: shells are gone, every client is told so, nothing was typed twice, the files are there. New
 * terminals take the place of the lost ones.
 */
async function afterExecutorDeath(arena: Arena): Promise<Wrong[]> {
  const late = await healed(arena, () =>
    arena.terminals.every(({ spec }) =>
      arena.clients.every((client) => client.statuses.get(spec.id)?.exit?.reason === 'lost'),
    ),
  );
  if (late !== null) return [late];
  const lost = [...arena.terminals];
  for (const index of lost.keys()) arena.forget(index);
  for (const index of lost.keys()) await arena.open(index);
  // The workspaces are there again: what was read before the end must be the beginning of what was typed.
  for (const terminal of lost) terminal.look();
  arena.tally.terminalsLost += lost.length;
  const wrong = lost.flatMap((terminal) => terminal.check(true));
  for (const terminal of lost) arena.tally.inputBytes += terminal.takeSettledBytes();
  return [...arena.wrong.splice(0), ...wrong];
}
