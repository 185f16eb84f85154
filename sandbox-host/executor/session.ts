import { MAX_RESTING_INPUT_STREAMS, MAX_TERMINALS } from '../../protocol/limits.ts';
import type { SandboxSpec, SessionToHost } from '../../protocol/messages/host.ts';
import { type Frame, FrameKind } from '../../protocol/stream/frame.ts';
import type { Sandbox, SandboxDriver } from '../drivers/driver.ts';
import type { Logger } from '../shared/log.ts';
import type { Link } from './link.ts';
import { ExecutorTerminal } from './terminal.ts';

/** One session on this machine: its sandbox, its terminals, and the link to its actor, if there is one now. */
export class ExecutorSession {
  readonly sessionId: string;
  /** Highest epoch that connected; lower ones are stale. */
  epoch = 0;
  readonly #driver: SandboxDriver;
  readonly #log: Logger;
  readonly #onChange: () => void;
  readonly #terminals = new Map<number, ExecutorTerminal>();
  #sandbox: Sandbox | null = null;
  #link: Link | null = null;
  /** Messages and frames of the actor so far. */
  #heard = 0;
  /** {@link progress} when the actor was told that the session is quiet; null when it was not, on this link. */
  #quietAt: number | null = null;
  #wants = false;
  /** Lifecycle steps of one session run one after the other. */
  #turn: Promise<void> = Promise.resolve();
  /** Of those, the ones that are not done. */
  #steps = 0;

  /** `onChange` is called when {@link wants} becomes true, or the sandbox is gone. */
  constructor(sessionId: string, driver: SandboxDriver, log: Logger, onChange: () => void) {
    this.sessionId = sessionId;
    this.#driver = driver;
    this.#log = log;
    this.#onChange = onChange;
  }

  get incarnation(): string | null {
    return this.#sandbox?.incarnation ?? null;
  }

  get linked(): boolean {
    return this.#link !== null;
  }

  /** It has something to tell and no link to tell it on. */
  get wants(): boolean {
    return this.#wants;
  }

  /** Grows with whatever comes from the actor or could go to it. */
  get progress(): number {
    let sum = this.#heard;
    for (const terminal of this.#terminals.values()) sum += terminal.progress;
    return sum;
  }

  /** Nothing runs here, nobody is linked, and nothing is being done. */
  get over(): boolean {
    if (this.#sandbox !== null || this.#link !== null || this.#steps > 0) return false;
    return [...this.#terminals.values()].every((terminal) => !terminal.running);
  }

  /** Gives back what a session that is over still holds. */
  dispose(): void {
    for (const terminal of this.#terminals.values()) terminal.dispose();
    this.#terminals.clear();
  }

  /** The actor is reachable on this link from now on; the one before it is forgotten. */
  connect(link: Link): void {
    if (this.#link !== null) this.disconnect(this.#link);
    this.#link = link;
    this.#quietAt = null;
    this.#wants = false;
  }

  /** A link has ended; `torn`: without a word, so that the actor may not know of it. */
  disconnect(link: Link, torn = false): void {
    for (const terminal of this.#terminals.values()) terminal.unfollow(link);
    if (this.#link !== link) return;
    this.#link = null;
    // What came after the actor was told went down a link that it had given up.
    const late = this.#quietAt !== null && this.#quietAt !== this.progress;
    if (late || torn) this.#wantLink();
  }

  /** Tells the actor that nothing happens here, so that it may give the link back. */
  tellQuiet(): void {
    const terminals = [...this.#terminals.values()].map((terminal) => terminal.quiet());
    if (terminals.some(({ inputs }) => inputs.length > MAX_RESTING_INPUT_STREAMS)) return;
    this.#quietAt = this.progress;
    this.#link?.send({ type: 'session.quiet', terminals });
  }

  /** Carries out one control message, in order with the lifecycle steps before it. */
  handle(message: SessionToHost, link: Link): void {
    this.#heard += 1;
    this.#inTurn(() => this.#carryOut(message, link)).catch((error: unknown) => {
      const detail = error instanceof Error ? error.message : String(error);
      const context = { session: this.sessionId, message: message.type, detail };
      this.#log.error(context, 'could not do what was asked');
      link.send({ type: 'error', code: 'sandbox-failed', detail });
    });
  }

  /**
   * Applies one frame of the current link; what an older one still says is overtaken. Frames for terminals that are gone are
   * ignored: their exit was told already.
   */
  frame(frame: Frame, link: Link): void {
    if (link !== this.#link) return;
    this.#heard += 1;
    const terminal = this.#terminals.get(frame.channel);
    if (frame.kind === FrameKind.Input) terminal?.input(frame, link);
    else if (frame.kind === FrameKind.OutputAck) terminal?.ack(frame.offset);
    else
      link.send({
        type: 'error',
        code: 'frame-kind-not-allowed',
        detail: 'Only Input and OutputAck go this way.',
      });
  }

  /** Stops all processes and keeps the workspace, after whatever is being done. */
  stop(): Promise<void> {
    return this.#inTurn(() => this.#stopSandbox('closed'));
  }

  /** Takes a step once those before it were taken, whatever became of them. */
  #inTurn(step: () => Promise<void>): Promise<void> {
    this.#steps += 1;
    const taken = this.#turn.then(step).finally(() => {
      this.#steps -= 1;
    });
    this.#turn = taken.catch(() => undefined);
    return taken;
  }

  async #carryOut(message: SessionToHost, link: Link): Promise<void> {
    // Whoever asked on a link that was replaced meanwhile is a placement of the past: it may stop or resize nothing.
    if (link !== this.#link) return;
    switch (message.type) {
      case 'sandbox.ensure':
        return this.#ensure(message.spec, link);
      case 'sandbox.suspend':
        await this.#stopSandbox('closed');
        return link.send({ type: 'sandbox.stopped', reason: 'suspended' });
      case 'sandbox.destroy':
        await this.#stopSandbox('closed');
        await this.#driver.deleteWorkspace(this.sessionId);
        return link.send({ type: 'sandbox.stopped', reason: 'destroyed' });
      case 'terminal.open':
        return this.#open(message, link);
      case 'usage': {
        const usage = await this.#sandbox?.usage();
        if (usage !== undefined) link.send({ type: 'usage', requestId: message.requestId, ...usage });
        return;
      }
      case 'error':
        return this.#log.error({ session: this.sessionId, ...message }, 'the actor refused what was sent');
      default:
        return this.#onTerminal(message, link);
    }
  }

  async #onTerminal(message: Extract<SessionToHost, { channel: number }>, link: Link): Promise<void> {
    const terminal = this.#terminals.get(message.channel);
    if (terminal === undefined) {
      const { channel } = message;
      return link.send({
        type: 'error',
        code: 'terminal-not-found',
        detail: 'No such terminal here.',
        channel,
      });
    }
    switch (message.type) {
      case 'terminal.close':
        return terminal.close('closed');
      case 'terminal.forget':
        if (terminal.running) return;
        terminal.dispose();
        this.#terminals.delete(message.channel);
        return;
      case 'resize':
        return terminal.resize(message.size);
      case 'replay':
        return terminal.follow(link, message.offset);
      case 'snapshot':
        return terminal.sendSnapshot(link, message.request);
      case 'mode.sync':
        return terminal.syncMode(link);
      case 'input.sync':
        return terminal.syncInput(link, message.stream);
    }
  }

  async #ensure(spec: SandboxSpec, link: Link): Promise<void> {
    const startedAtMs = performance.now();
    const adopted = this.#sandbox !== null;
    this.#sandbox ??= await this.#start(spec);
    link.send({
      type: 'sandbox.ready',
      incarnation: this.#sandbox.incarnation,
      terminals: [...this.#terminals.values()].map((terminal) => terminal.info()),
      startedMs: performance.now() - startedAtMs,
      adopted,
    });
  }

  async #start(spec: SandboxSpec): Promise<Sandbox> {
    if (spec.sessionId !== this.sessionId) throw new Error('The specification is for another session.');
    this.dispose();
    const sandbox = await this.#driver.start(spec);
    this.#log.info({ session: this.sessionId, incarnation: sandbox.incarnation }, 'sandbox started');
    void sandbox.ended.then((why) => this.#sandboxEnded(sandbox, why));
    return sandbox;
  }

  async #sandboxEnded(sandbox: Sandbox, why: string): Promise<void> {
    if (this.#sandbox !== sandbox) return;
    this.#log.warn({ session: this.sessionId, incarnation: sandbox.incarnation, why }, 'sandbox lost');
    await this.#stopSandbox('lost');
    this.#link?.send({ type: 'sandbox.stopped', reason: 'lost', message: why });
    this.#wantLink();
  }

  #wantLink(): void {
    if (this.#link !== null || this.#wants) return;
    this.#wants = true;
    this.#onChange();
  }

  #open(message: Extract<SessionToHost, { type: 'terminal.open' }>, link: Link): void {
    const { channel, size } = message;
    const known = this.#terminals.get(channel);
    if (known !== undefined) return link.send({ type: 'terminal.opened', terminal: known.info() });
    const running = [...this.#terminals.values()].filter((terminal) => terminal.running).length;
    if (this.#sandbox === null || running >= MAX_TERMINALS) {
      const detail =
        this.#sandbox === null ? 'There is no sandbox yet.' : `At most ${MAX_TERMINALS} terminals.`;
      return link.send({ type: 'error', code: 'limit-exceeded', detail, channel });
    }
    const plan = this.#sandbox.plan(message.command ?? null);
    const wantLink = (): void => this.#wantLink();
    const terminal = new ExecutorTerminal(channel, plan, size, wantLink, wantLink);
    this.#terminals.set(channel, terminal);
    link.send({ type: 'terminal.opened', terminal: terminal.info() });
    void terminal.follow(link, 0);
  }

  async #stopSandbox(reason: 'closed' | 'lost'): Promise<void> {
    const sandbox = this.#sandbox;
    this.#sandbox = null;
    for (const terminal of this.#terminals.values()) terminal.close(reason);
    await sandbox?.stop();
  }
}
