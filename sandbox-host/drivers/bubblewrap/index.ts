import { createHash } from 'node:crypto';
import { freemem } from 'node:os';
import { join, resolve } from 'node:path';
import { SandboxLimits, type SandboxSpec } from '../../../protocol/messages/host.ts';
import type { ProbeResult, Sandbox, SandboxDriver } from '../driver.ts';
import type { DriverOptions } from '../index.ts';
import { type Body, BodyShop } from './body.ts';
import { holderEnd } from './holder.ts';
import { UidTable } from './identity.ts';
import { ReadyPool } from './pool.ts';
import { probeMachine } from './probe.ts';
import { BubblewrapSandbox } from './sandbox.ts';
import { Workspaces } from './workspaces.ts';

/** No sandbox is made ahead while less memory is free. */
const MIN_FREE_BYTES = 256 * 1024 * 1024;
/** How far sandboxes that nobody waits for stand back while they are made. */
const SPARE_NICENESS = 10;

/** A sandbox without a session, and the size of its workspace. Nothing has run in it. */
interface Spare {
  body: Body;
  diskBytes: number;
}

/**
 * Sandboxes on this Linux machine, made of namespaces by bubblewrap, cgroups and a system call filter. A few are made
 * ahead, each with a fresh workspace and a user of its own, and given to the next sessions that have no files yet.
 */
export class BubblewrapDriver implements SandboxDriver {
  readonly name = 'bubblewrap';
  readonly #log: DriverOptions['log'];
  readonly #workspaces: Workspaces;
  readonly #uids: UidTable;
  readonly #bodies: BodyShop;
  readonly #pool: ReadyPool<Spare>;
  /** Those of the session that asked last; the next will want the same. */
  #spareLimits = SandboxLimits.parse({});

  constructor({ dataDir, log, poolSize }: DriverOptions) {
    const data = resolve(dataDir);
    this.#log = log;
    this.#workspaces = new Workspaces(join(data, 'workspaces'));
    this.#uids = new UidTable(join(data, 'sandbox-uids.json'));
    const prefix = createHash('sha256').update(data).digest('hex').slice(0, 12);
    this.#bodies = new BodyShop(this.#workspaces, prefix);
    this.#pool = new ReadyPool({
      size: poolSize,
      make: () => this.#makeSpare(),
      discard: (spare) => this.#discard(spare),
      failed: (detail, retryMs) => log.warn({ detail, retryMs }, 'no sandbox could be made ahead'),
    });
  }

  /** How many sandboxes are ready for sessions to come. */
  get spares(): number {
    return this.#pool.ready;
  }

  probe(): Promise<ProbeResult> {
    return Promise.resolve(probeMachine());
  }

  prepareAhead(): void {
    this.#pool.start();
  }

  async start(spec: SandboxSpec): Promise<Sandbox> {
    const { sessionId, limits } = spec;
    this.#spareLimits = limits;
    const found = this.#workspaces.find(sessionId);
    const spare = found === null ? this.#pool.take(({ diskBytes }) => diskBytes === limits.diskBytes) : null;
    const body =
      spare === null
        ? await this.#bodies.make({
            uid: this.#uids.get(sessionId),
            workspace: found ?? this.#workspaces.fresh(sessionId),
            fresh: found === null,
            limits,
            niceness: 0,
          })
        : await this.#give(spare, spec);
    return new BubblewrapSandbox(spec, body, () => this.#bodies.end(body));
  }

  deleteWorkspace(sessionId: string): Promise<void> {
    const workspace = this.#workspaces.find(sessionId);
    if (workspace !== null) this.#workspaces.delete(workspace);
    this.#uids.release(sessionId);
    return Promise.resolve();
  }

  sweep(): Promise<void> {
    return this.#bodies.sweep((group) =>
      this.#log.warn({ group }, 'removing a sandbox that an earlier executor left'),
    );
  }

  async close(): Promise<void> {
    await this.#pool.close();
    this.#bodies.close();
  }

  /** Whose it is, is on disk before anything runs in it; see {@link Workspaces.give} for what a crash in between leaves. */
  async #give(spare: Spare, { sessionId, limits }: SandboxSpec): Promise<Body> {
    const { body } = spare;
    try {
      this.#uids.give(body.uid, sessionId);
      const workspace = this.#workspaces.give(body.workspace, sessionId);
      body.group.limit(limits);
      return { ...body, workspace };
    } catch (error) {
      await this.#bodies.end(body);
      throw error;
    }
  }

  async #makeSpare(): Promise<Spare> {
    if (freemem() < MIN_FREE_BYTES) throw new Error('The machine is short of memory.');
    const limits = this.#spareLimits;
    const uid = this.#uids.lend();
    const workspace = this.#workspaces.spare(String(uid));
    try {
      const body = await this.#bodies.make({ uid, workspace, fresh: true, limits, niceness: SPARE_NICENESS });
      const spare = { body, diskBytes: limits.diskBytes };
      void holderEnd(body.holder).then(() => this.#pool.lost(spare));
      return spare;
    } catch (error) {
      this.#workspaces.delete(workspace);
      this.#uids.giveBack(uid);
      throw error;
    }
  }

  async #discard({ body }: Spare): Promise<void> {
    await this.#bodies.end(body);
    this.#workspaces.delete(body.workspace);
    this.#uids.giveBack(body.uid);
  }
}
