import { availableParallelism, freemem, loadavg } from 'node:os';
import { HOST_HEARTBEAT_MS } from '../../protocol/limits.ts';
import type { HostToRegion, RegionToHost } from '../../protocol/messages/host.ts';
import type { Logger } from '../shared/log.ts';
import type { SessionNews } from '../shared/session-news.ts';
import { admit } from './admission.ts';
import type { HostConfig } from './config.ts';
import { ControlLink } from './control-link.ts';
import { DataLink, type LinkEnd, type Placement } from './data-link.ts';
import { executorIsHealthy, listExecutorSessions, suspendSession } from './executor-client.ts';
import { DialQueue } from './dial-queue.ts';
import { FeedLink } from './feed-link.ts';
import { UnlinkedSessions } from './unlinked-sessions.ts';

/**
 * A sandbox host: says what it has room for, takes placements, and keeps one data link per session. It holds nothing
 * that its death would lose: shells belong to the executor.
 */
export class SandboxHost {
  readonly incarnation = crypto.randomUUID();
  readonly #config: HostConfig;
  readonly #log: Logger;
  readonly #control: ControlLink;
  readonly #links = new Map<string, DataLink>();
  readonly #unlinked = new UnlinkedSessions();
  readonly #dials = new DialQueue();
  readonly #feed: FeedLink;
  #draining = false;
  /** Sessions that the last hello named. */
  #listed: readonly { sessionId: string; epoch: number }[] = [];
  #heartbeat: NodeJS.Timeout | null = null;
  #tellSoon: NodeJS.Immediate | null = null;

  constructor(config: HostConfig, log: Logger) {
    this.#config = config;
    this.#log = log.child({ host: config.hostId, incarnation: this.incarnation });
    this.#control = new ControlLink(
      config,
      {
        hello: () => this.#hello(),
        onMessage: (message) => this.#onMessage(message),
        onReplaced: () => {
          this.#log.error('another process serves as this host now; this one ends');
          this.stop();
        },
      },
      this.#log,
    );
    this.#feed = new FeedLink(config, {
      started: () => this.#unlinked.restart(),
      news: (news) => this.#unlinkedSession(news),
      complete: () => {
        // Saying hello again is what tells sessions of their lost sandboxes.
        if (this.#unlinked.complete()) void this.#hello().then((hello) => this.#control.send(hello));
      },
    });
  }

  /** Runs until {@link stop}. */
  async run(): Promise<void> {
    this.#heartbeat = setInterval(() => void this.#beat(), HOST_HEARTBEAT_MS);
    await Promise.all([this.#control.run(), this.#feed.run()]);
  }

  /** Leaves the region and ends every link; the executor keeps the shells. */
  stop(): void {
    if (this.#heartbeat !== null) clearInterval(this.#heartbeat);
    for (const link of [...this.#links.values()]) link.close('host stops');
    this.#control.stop();
    this.#feed.stop();
  }

  /** Sessions this host has room taken up by. */
  get #sessions(): number {
    return this.#links.size + this.#unlinked.count;
  }

  async #hello(): Promise<HostToRegion> {
    // A host whose executor is not up yet has no sessions to speak of; its heartbeats say unhealthy.
    const sessions = (await this.#here()) ?? [];
    this.#listed = sessions;
    return {
      type: 'hello',
      hostId: this.#config.hostId,
      region: this.#config.region,
      incarnation: this.incarnation,
      capacity: this.#config.capacity,
      sessions: sessions.map(({ sessionId, epoch }) => ({ sessionId, epoch })),
      version: '0.1.0',
      driver: this.#config.driver,
    };
  }

  async #beat(): Promise<void> {
    const healthy = await executorIsHealthy(this.#config);
    this.#control.send({
      type: 'heartbeat',
      sessions: this.#sessions,
      cpuLoad: (loadavg()[0] ?? 0) / availableParallelism(),
      freeMemoryBytes: freemem(),
      healthy,
      ...(healthy ? {} : { message: 'the executor does not answer' }),
    });
    this.#tellWants();
  }

  /**
   * A session has no link any more. While its sandbox is here, so is its place, and the region hears nothing: it can then
   * tell the session when this host is lost.
   */
  #unlinkedSession(news: SessionNews): void {
    const { sessionId, epoch, kept, wants } = news;
    if ((this.#links.get(sessionId)?.placement.epoch ?? 0) > epoch) return;
    this.#unlinked.take(news);
    if (!kept && !wants) this.#control.send({ type: 'session.left', sessionId, epoch });
    // Those that want a link in the same instant go in one message.
    if (wants && this.#tellSoon === null) this.#tellSoon = setImmediate(() => this.#tellWants());
  }

  /**
   * Sessions whose sandbox is here, or is being made. The executor knows of others, which had one: naming those, the region
   * would have them for good. Null: it does not answer.
   */
  async #here(): Promise<{ sessionId: string; epoch: number }[] | null> {
    const known = await listExecutorSessions(this.#config).catch(() => null);
    return known?.filter(({ sessionId, running }) => running || this.#links.has(sessionId)) ?? null;
  }

  /** Tells of sessions that ended while the hello was on its way: it had them, and they could not be told of yet. */
  async #tellLeft(): Promise<void> {
    const here = await this.#here();
    if (here === null) return;
    const ids = new Set(here.map(({ sessionId }) => sessionId));
    for (const { sessionId, epoch } of this.#listed)
      if (!ids.has(sessionId)) this.#control.send({ type: 'session.left', sessionId, epoch });
  }

  #tellWants(): void {
    this.#tellSoon = null;
    for (const sessions of this.#unlinked.due(performance.now()))
      this.#control.send({ type: 'session.wants', sessions });
  }

  #onMessage(message: RegionToHost): void {
    switch (message.type) {
      case 'welcome':
        this.#log.info('registered with the region');
        this.#unlinked.afresh();
        this.#tellWants();
        void this.#beat();
        void this.#tellLeft();
        return;
      case 'place':
        return this.#place(message);
      case 'release':
        return this.#release(message.sessionId, message.epoch);
      case 'drain':
        this.#draining = true;
        this.#log.info({ reason: message.reason }, 'draining');
        return;
      case 'error':
        this.#log.warn({ code: message.code, detail: message.detail }, 'the region refused a message');
    }
  }

  #place(placement: Placement): void {
    const { sessionId, epoch } = placement;
    const current = this.#links.get(sessionId);
    const refusal = admit({
      draining: this.#draining,
      sessions: this.#sessions,
      capacity: this.#config.capacity,
      currentEpoch: current?.placement.epoch ?? (this.#unlinked.has(sessionId) ? 0 : null),
      epoch,
    });
    if (refusal !== null) {
      this.#control.send({ type: 'placement.failed', sessionId, epoch, detail: refusal });
      return;
    }
    if (this.#dials.add((settled) => this.#dial(placement, settled))) return;
    const detail = 'this host has too many placements to dial';
    this.#control.send({ type: 'placement.failed', sessionId, epoch, detail });
  }

  #dial(placement: Placement, settled: () => void): void {
    const { sessionId, epoch } = placement;
    const current = this.#links.get(sessionId);
    // While it waited for its turn a newer one may have come.
    if (current !== undefined && current.placement.epoch >= epoch) return settled();
    current?.close('a newer placement took over');
    this.#unlinked.drop(sessionId);
    const log = this.#log.child({ session: sessionId, epoch });
    const ended = (end: LinkEnd): void => {
      settled();
      if (this.#links.get(sessionId) === link) this.#links.delete(sessionId);
      log.info({ detail: end.detail }, end.failed ? 'placement failed' : 'data link ended');
      // Otherwise the executor says what became of the session, see #unlinkedSession.
      if (end.failed) this.#control.send({ type: 'placement.failed', sessionId, epoch, detail: end.detail });
    };
    const link = new DataLink(this.#config, placement, log, ended, settled);
    this.#links.set(sessionId, link);
  }

  #release(sessionId: string, epoch: number): void {
    const link = this.#links.get(sessionId);
    // A newer placement on this very host keeps the sandbox; only the epoch that was released goes.
    if (link !== undefined && link.placement.epoch <= epoch) link.close('released', { suspend: true });
    if (link !== undefined || !this.#unlinked.has(sessionId)) return;
    this.#unlinked.drop(sessionId);
    suspendSession(this.#config, sessionId, epoch).catch((error: unknown) =>
      this.#log.warn({ session: sessionId, detail: String(error) }, 'could not stop a sandbox'),
    );
  }
}
