import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { DatabaseSync } from 'node:sqlite';
import { z } from 'zod';
import type { Random } from '../chaos/random.ts';
import { api } from '../support/api.ts';
import { until } from '../support/deadline.ts';
import { tablesWith } from '../support/postgres.ts';
import type { Stack } from '../support/stack.ts';
import { Account } from './account.ts';

const UP_TIMEOUT_MS = 60_000;
const DONE_TIMEOUT_MS = 75_000;
/** A host that lost its control socket tells what left it once it is back. */
const REGION_TIMEOUT_MS = 30_000;
/** Workerd is killed so often in a round, at most, and so long after the time before. */
const MAX_KILLS = 4;
const MAX_CALM_MS = 2_500;
/** Workerd has a file to itself for moments. */
const BUSY_TIMEOUT_MS = 10_000;
/** Tables that may name whom they are about for ever. */
const AUDIT = /^audit/;

/** What one round saw. */
export interface Round {
  accounts: number;
  kills: number;
  /** What the deletions were at when workerd was killed. */
  at: string[];
}

/** Deletes accounts while workerd is killed, and looks for what is left of them. */
export class DeletionWorld {
  readonly #stack: Stack;
  readonly #random: Random;
  #team: string | null = null;
  #accounts = 0;

  constructor(stack: Stack, random: Random) {
    this.#stack = stack;
    this.#random = random;
  }

  /** Throws when a deletion does not end, what is told of it is wrong, or something is left. */
  async round(count: number): Promise<Round> {
    const team = await this.#teamOfOthers();
    const accounts = await Promise.all(
      Array.from({ length: count }, () => Account.make(this.#stack, `person-${this.#name()}`, team)),
    );
    const stop = new AbortController();
    await Promise.all(accounts.map((account) => account.delete()));
    const working = accounts.map((account) => account.goOn(stop.signal));
    const at: string[] = [];
    const kills = this.#random.int(1, MAX_KILLS);
    for (let n = 0; n < kills; n += 1) {
      await delay(this.#random.int(0, MAX_CALM_MS));
      at.push(...(await Promise.all(accounts.map(doing))));
      await this.#stack.kill('workerd');
      await until(() => this.#isUp(), UP_TIMEOUT_MS, 'the edge to answer again');
    }
    await Promise.all(
      accounts.map((account) =>
        until(
          async () => (await account.progress())?.state === 'done',
          DONE_TIMEOUT_MS,
          `the end of ${account.userId}`,
        ),
      ),
    );
    stop.abort();
    await Promise.all(working);
    for (const { ids } of accounts) for (const id of ids) await this.#lookFor(id);
    return { accounts: count, kills, at };
  }

  /** Neither actors nor Postgres have the id outside of audit logs, but for a region that hears of it from its host. */
  async #lookFor(id: string): Promise<void> {
    const tables = (await tablesWith(this.#stack, id)).filter((name) => !AUDIT.test(name));
    if (tables.length > 0) throw new Error(`${id} is left in Postgres: ${tables.join(', ')}`);
    const find = (): string[] => rowsWith(join(this.#stack.dataDirectory, 'edge'), id);
    const found = find().filter((row) => !row.includes('RegionDO placements'));
    if (found.length > 0) throw new Error(`${id} is left in actors: ${found.join('\n')}`);
    await until(() => find().length === 0, REGION_TIMEOUT_MS, `the region to forget ${id}`);
  }

  #isUp(): Promise<boolean> {
    return api(this.#stack, 'GET', '/healthz').then(
      ({ status }) => status === 200,
      () => false,
    );
  }

  async #teamOfOthers(): Promise<string> {
    if (this.#team === null) {
      const made = await api(this.#stack, 'POST', '/api/v1/workspaces', { name: 'Others' });
      this.#team = z.object({ id: z.string() }).parse(made.body).id;
    }
    return this.#team;
  }

  #name(): string {
    this.#accounts += 1;
    return `${this.#accounts}-${this.#random.int(0, 1e9)}`;
  }
}

async function doing(account: Account): Promise<string> {
  const progress = await account.progress();
  if (progress === null) return 'no answer';
  return progress.state === 'going' ? progress.doing : progress.state;
}

/** Rows of actors below a folder that have a text in them, but for those of audit logs. */
function rowsWith(folder: string, text: string): string[] {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter(
    (entry) => entry.isFile() && entry.name.endsWith('.sqlite') && /DO$/.test(entry.parentPath),
  );
  if (files.length === 0) throw new Error(`There are no actors in ${folder}.`);
  return files.flatMap((file) => {
    const database = new DatabaseSync(join(file.parentPath, file.name), {
      readOnly: true,
      timeout: BUSY_TIMEOUT_MS,
    });
    try {
      const named = database.prepare("SELECT name FROM sqlite_master WHERE type = 'table'").all();
      const tables = z.array(z.object({ name: z.string() })).parse(named);
      return tables
        .filter(({ name }) => !name.startsWith('_cf_') && !AUDIT.test(name))
        .flatMap(({ name }) =>
          database
            .prepare(`SELECT * FROM "${name}"`)
            .all()
            .map((row) => `${file.parentPath.split('/').at(-1)} ${name} ${JSON.stringify(row)}`)
            .filter((row) => row.includes(text)),
        );
    } finally {
      database.close();
    }
  });
}
