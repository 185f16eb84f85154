import { DurableObject } from 'cloudflare:workers';
import { z } from 'zod';
import {
  type Directory,
  DirectorySession,
  DirectorySignIn,
  openDirectory,
} from '../shared/directory/directory.ts';
import type { Env } from '../shared/env.ts';
import { createLogger } from '../shared/log.ts';
import type { WorkspaceRpc } from '../shared/rpc.ts';
import { Outbox } from './outbox.ts';

/** Changes are gathered so long: a new session changes a few times in its first second. */
const GATHER_MS = 1_000;
/** A directory that cannot be reached is tried again after so long, doubling up to the longest. */
const RETRY_MIN_MS = 2_000;
const RETRY_MAX_MS = 5 * 60_000;
/** Rows told in one question. */
const BATCH_ROWS = 200;

/** What waits to be told. */
const Entry = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('session'), row: DirectorySession }),
  z.object({ kind: z.literal('sign-in'), row: DirectorySignIn }),
]);
type Entry = z.infer<typeof Entry>;

const log = createLogger('workspace-do');

/**
 * One actor per workspace: its sessions and the gateway tell it what the directory in Postgres is to know, and it tells
 * that, gathered, by alarm, until it was told. An outage of Postgres touches nothing that runs; the newest state of each
 * thing waits here.
 */
export class WorkspaceDO extends DurableObject<Env> implements WorkspaceRpc {
  readonly #outbox: Outbox;
  readonly #directory: Directory | null;
  #failures = 0;

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    this.#outbox = new Outbox(ctx.storage.sql);
    this.#directory = openDirectory(env);
    // The platform drops an alarm after repeated failures.
    if (this.#directory !== null && !this.#outbox.isEmpty) void ctx.blockConcurrencyWhile(() => this.#arm(0));
  }

  async putSession(row: DirectorySession): Promise<void> {
    await this.#put(`session/${row.id}`, { kind: 'session', row });
  }

  async signedIn(row: DirectorySignIn): Promise<void> {
    await this.#put(`sign-in/${row.userId}`, { kind: 'sign-in', row });
  }

  override async alarm(): Promise<void> {
    if (this.#directory === null) return;
    try {
      await this.#drain(this.#directory);
      this.#failures = 0;
    } catch (error) {
      this.#failures += 1;
      const retryInMs = Math.min(RETRY_MAX_MS, RETRY_MIN_MS * 2 ** Math.min(20, this.#failures - 1));
      log('warn', 'directory not reached', {
        workspaceId: this.ctx.id.name,
        retryInMs,
        error: String(error),
      });
      await this.ctx.storage.setAlarm(Date.now() + retryInMs);
    }
  }

  async #put(key: string, entry: Entry): Promise<void> {
    if (this.#directory === null) return;
    this.#outbox.put(key, entry);
    await this.#arm(GATHER_MS);
  }

  async #drain(directory: Directory): Promise<void> {
    for (let rows = this.#outbox.peek(BATCH_ROWS); rows.length > 0; rows = this.#outbox.peek(BATCH_ROWS)) {
      const entries = rows.map(({ payload }) => Entry.parse(JSON.parse(payload)));
      await directory.putSignIns(entries.flatMap((entry) => (entry.kind === 'sign-in' ? [entry.row] : [])));
      await directory.putSessions(entries.flatMap((entry) => (entry.kind === 'session' ? [entry.row] : [])));
      this.#outbox.remove(rows);
    }
  }

  /** Drains in `delayMs`, unless that is planned already. */
  async #arm(delayMs: number): Promise<void> {
    if ((await this.ctx.storage.getAlarm()) === null) await this.ctx.storage.setAlarm(Date.now() + delayMs);
  }
}
