import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { importJWK } from 'jose';
import { Client } from 'pg';
import { z } from 'zod';
import { AuditRow } from '../../protocol/audit/row.ts';
import { linesOf } from '../../protocol/audit/lines.ts';
import { verifyExport } from '../../protocol/audit/verify.ts';
import { canonicalJson } from '../../protocol/sync/json.ts';
import { Random } from '../chaos/random.ts';
import { api } from '../support/api.ts';
import { until } from '../support/deadline.ts';
import { Stack } from '../support/stack.ts';
import { Actor } from './actor.ts';

const ACTORS = 4;
/** A fault comes so long after a round began, at most. */
const MAX_CALM_MS = 1_000;
const HEAL_TIMEOUT_MS = 60_000;
const SETTLE_TIMEOUT_MS = 90_000;
const FAULTS = ['workerd', 'database', 'both', 'workerd', 'edge'] as const;

/** What one check of the log found. */
export interface Checked {
  rows: number;
  acknowledged: number;
  unknown: number;
}

/** A running stack whose parts are killed while several actors do things that have to be in its audit log. */
export class AuditWorld {
  readonly stack: Stack;
  readonly #random: Random;
  readonly #actors: Actor[];

  private constructor(stack: Stack, seed: number) {
    this.stack = stack;
    this.#random = new Random(seed, 'faults');
    const sessions: string[] = [];
    this.#actors = Array.from(
      { length: ACTORS },
      (_, n) => new Actor(stack, new Random(seed, 'acts', n), sessions, `${seed}-${n}`),
    );
  }

  static async start(seed: number): Promise<AuditWorld> {
    return new AuditWorld(await Stack.start(), seed);
  }

  /** Acts go on; something is killed; the round ends when all is well again. Out: what was killed. */
  async round(): Promise<string> {
    const stop = new AbortController();
    const acting = this.#actors.map((actor) => actor.act(stop.signal));
    const fault = this.#random.pick(FAULTS);
    await delay(this.#random.int(0, MAX_CALM_MS));
    if (fault !== 'database') await this.stack.kill(fault === 'both' ? 'workerd' : fault);
    if (fault === 'database' || fault === 'both') await this.stack.kill('database');
    await until(() => this.#isUp(), HEAL_TIMEOUT_MS, 'the edge to answer again');
    await delay(this.#random.int(0, MAX_CALM_MS));
    stop.abort();
    await Promise.all(acting);
    return fault;
  }

  /** Waits until the log has what it promised, and looks whether it has anything else. Throws what is wrong. */
  async check(): Promise<Checked> {
    const asked = new Map(this.#actors.flatMap((actor) => [...actor.asked]));
    const wanted = [...asked].flatMap(([id, { answer }]) => (answer === 'acknowledged' ? [id] : []));
    const told = () => this.#count("entry->>'requestId' = any($1)", [wanted]);
    await until(async () => (await told()) >= wanted.length, SETTLE_TIMEOUT_MS, 'all acts in the log');
    const rows = await this.exported();
    const found = new Map<string, string[]>();
    for (const { requestId, action, outcome } of rows)
      found.set(requestId ?? '', [...(found.get(requestId ?? '') ?? []), `${action} ${outcome}`]);
    for (const [id, { entry, answer }] of asked) {
      const times = (found.get(id) ?? []).filter((each) => each === entry).length;
      const right = answer === 'acknowledged' ? times === 1 : answer === 'unknown' ? times <= 1 : times === 0;
      if (!right) throw new Error(`${entry} of ${id}, ${answer}, is in the log ${times} times`);
    }
    await this.#compare(rows);
    const unknown = [...asked.values()].filter(({ answer }) => answer === 'unknown').length;
    return { rows: rows.length, acknowledged: wanted.length, unknown };
  }

  /** The rows of the exported log, once it is verified with the published keys. */
  async exported(): Promise<AuditRow[]> {
    const headers = { authorization: `Bearer ${this.stack.token}` };
    const text = await (await fetch(`${this.stack.url}/api/v1/audit/export`, { headers })).text();
    const keys = await api(this.stack, 'GET', '/.well-known/audit-keys.json');
    const KeySet = z.object({ keys: z.array(z.record(z.string(), z.string())) });
    const jwks = KeySet.parse(keys.body).keys;
    const verdict = await verifyExport(linesOf(bytesOf(text)), async (kid) => {
      const key = await importJWK({ ...jwks.find((jwk) => jwk['kid'] === kid) }, 'EdDSA');
      return key instanceof Uint8Array ? null : key;
    });
    if (!verdict.ok) throw new Error(`not whole: ${JSON.stringify(verdict)}`);
    const lines = text.split('\n').filter((line) => line.includes('"type":"entry"'));
    return lines.map((line) => AuditRow.parse(JSON.parse(line)));
  }

  /** Postgres has the same rows, byte by byte of their canonical text. */
  async #compare(rows: AuditRow[]): Promise<void> {
    const last = rows.at(-1)?.seq ?? 0;
    await until(
      async () => (await this.#count('seq <= $1', [last])) === last,
      SETTLE_TIMEOUT_MS,
      'all rows in Postgres',
    );
    const Stored = z.array(z.object({ entry: z.record(z.string(), z.json()), hash: z.string() }));
    const query = "select entry, hash from audit where workspace_id = 'local' and seq <= $1 order by seq";
    for (const [at, { entry, hash }] of Stored.parse(await this.#ask(query, [last])).entries()) {
      const row = rows[at];
      if (row === undefined || canonicalJson({ ...entry, hash }) !== canonicalJson(row))
        throw new Error(`Postgres has another row ${at + 1}`);
    }
  }

  /** Rows of the local workspace's log in Postgres; -1 while that is away. */
  async #count(condition: string, values: unknown[]): Promise<number> {
    const query = `select count(*)::int as n from audit where workspace_id = 'local' and ${condition}`;
    const Counted = z.tuple([z.object({ n: z.number() })]);
    return this.#ask(query, values).then(
      (found) => Counted.parse(found)[0].n,
      () => -1,
    );
  }

  async #ask(sql: string, values: unknown[]): Promise<unknown[]> {
    const { dataDirectory } = this.stack;
    const password = readFileSync(join(dataDirectory, 'keys', 'postgres.txt'), 'utf8');
    const client = new Client({ host: dataDirectory, user: 'alex', password, database: 'alex' });
    client.on('error', () => undefined);
    try {
      await client.connect();
      return (await client.query(sql, values)).rows;
    } finally {
      await client.end().catch(() => undefined);
    }
  }

  #isUp(): Promise<boolean> {
    return api(this.stack, 'GET', '/healthz').then(
      ({ status }) => status === 200,
      () => false,
    );
  }
}

async function* bytesOf(text: string): AsyncGenerator<Uint8Array> {
  yield new TextEncoder().encode(text);
}
