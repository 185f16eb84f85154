import { CloseCode } from '../../protocol/close-codes.ts';
import { parseMessage } from '../../protocol/messages/codec.ts';
import type { ErrorCode, ErrorMessage } from '../../protocol/messages/errors.ts';
import { HostToSession, SandboxLimits, type HostTerminal } from '../../protocol/messages/host.ts';
import { decodeFrame, FrameKind } from '../../protocol/stream/frame.ts';
import { z } from 'zod';
import { reconcile, type Reconciliation } from './decisions.ts';
import { MAX_VIOLATIONS } from './limits.ts';
import type { Parts } from './parts.ts';

type Said<T extends HostToSession['type']> = Extract<HostToSession, { type: T }>;

const LimitVariables = z.object({
  cpus: z.coerce.number().positive().optional(),
  memoryBytes: z.coerce.number().int().positive().optional(),
  diskBytes: z.coerce.number().int().positive().optional(),
  maxProcesses: z.coerce.number().int().positive().optional(),
});

/** What the current host says on the data socket. */
export class HostMessages {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** First thing on a fresh link: the sandbox this session wants. */
  greet(): void {
    const { records, host, env } = this.#parts;
    const { id, ownerId, workspaceId, epoch } = records.row;
    const limits = SandboxLimits.parse(
      LimitVariables.parse({
        cpus: env.ALEX_SANDBOX_CPUS,
        memoryBytes: env.ALEX_SANDBOX_MEMORY_BYTES,
        diskBytes: env.ALEX_SANDBOX_DISK_BYTES,
        maxProcesses: env.ALEX_SANDBOX_MAX_PROCESSES,
      }),
    );
    host.send({
      type: 'sandbox.ensure',
      epoch,
      spec: { sessionId: id, userId: ownerId, workspaceId, limits },
    });
  }

  /** A binary frame. The hot path of output: no JSON, no storage. */
  frame(raw: ArrayBuffer): void {
    const decoded = decodeFrame(raw);
    if (!decoded.ok) return this.#violation(decoded.error);
    if (decoded.frame.kind === FrameKind.Output) this.#parts.lifecycle.active();
    if (!this.#parts.hub.fromHost(decoded.frame, raw)) this.#violation('frame-kind-not-allowed');
  }

  /** A JSON control message. */
  text(text: string): void {
    const parsed = parseMessage(HostToSession, text);
    if (!parsed.ok) return this.#violation(parsed.code);
    const { message } = parsed;
    const { terminals, lifecycle } = this.#parts;
    switch (message.type) {
      case 'sandbox.ready':
        return this.#ready(message);
      case 'sandbox.stopped':
        return lifecycle.stopped(message.reason, message.message);
      case 'terminal.opened':
        return this.#opened(message.terminal);
      case 'terminal.resized':
        return terminals.resized(message.channel, message.cols, message.rows, message.offset);
      case 'terminal.mode':
        return this.#parts.hub.get(message.channel)?.facts.modeTold(message);
      case 'terminal.sizes':
        return this.#parts.hub.get(message.channel)?.facts.sizesTold(message.offset, message.changes);
      case 'terminal.exited':
        return terminals.exited(message.channel, message.exit, false);
      case 'usage':
        return this.#usage(message);
      case 'session.quiet':
        return this.#parts.rest.quiet(message.terminals);
      case 'error':
        return this.#error(message);
    }
  }

  #ready(message: Said<'sandbox.ready'>): void {
    const { records, terminalRows, host, placement, lifecycle, log } = this.#parts;
    const { incarnation, adopted, startedMs } = message;
    log('info', 'sandbox ready', { incarnation, adopted, startedMs, epoch: records.row.epoch });
    host.markReady();
    if (lifecycle.carryOutPendingStop()) return;
    // Whatever ran under another incarnation is not there any more, whatever number it had.
    const same = records.row.incarnation === null || records.row.incarnation === incarnation;
    const plan = reconcile(terminalRows.all(), message.terminals, incarnation);
    records.patch({ incarnation });
    placement.ready();
    for (const step of plan) {
      if (!same && step.act === 'link' && !step.becameRunning)
        this.#apply({ channel: step.channel, act: 'lost' });
      else this.#apply(step);
    }
    lifecycle.setStatus('running');
    lifecycle.watchIdle();
  }

  #apply(step: Reconciliation): void {
    const { terminals, terminalRows, host } = this.#parts;
    const { channel } = step;
    const row = terminalRows.get(channel);
    switch (step.act) {
      case 'open':
        if (row !== undefined) terminals.sendOpen(row);
        return;
      case 'lost':
        return terminals.lost(
          channel,
          'The sandbox was restarted; this shell ended with it. Its files are kept.',
        );
      case 'unsure':
        return terminals.lost(
          channel,
          'The sandbox was lost before it confirmed this program, which may have run. It is not run again by itself.',
        );
      case 'gone':
        return terminals.gone(channel);
      case 'close':
        return host.send({ type: 'terminal.close', channel });
      case 'forget':
        host.send({ type: 'terminal.close', channel });
        host.send({ type: 'terminal.forget', channel });
        return;
      case 'exit':
        this.#link(step.terminal);
        return terminals.exited(channel, step.exit, false);
      case 'link':
        this.#link(step.terminal);
        if (step.becameRunning) terminals.running(channel);
    }
  }

  #link(terminal: HostTerminal): void {
    const { hub, terminalRows, host, sizing } = this.#parts;
    const output = hub.get(terminal.channel);
    const row = terminalRows.get(terminal.channel);
    if (output === undefined || row === undefined) return;
    output.linked(terminal.outputOffset, terminal.ringOffset);
    hub.syncAllInput(output);
    const { channel } = terminal;
    // What was asked for through the link that broke, or told through it, may not have come.
    const size = sizing.wanted(channel) ?? { cols: row.cols, rows: row.rows };
    const settled = [terminal, row].every(({ cols, rows }) => cols === size.cols && rows === size.rows);
    if (terminal.running && !settled) host.send({ type: 'resize', channel, size });
  }

  #opened(terminal: HostTerminal): void {
    const { hub, terminals } = this.#parts;
    const output = hub.get(terminal.channel);
    if (output === undefined) return;
    if (!output.live) {
      output.opened();
      terminals.running(terminal.channel);
      hub.syncAllInput(output);
    }
    if (terminal.exit !== null) terminals.exited(terminal.channel, terminal.exit, false);
  }

  #usage(message: Said<'usage'>): void {
    const { cpuMs, memoryBytes, diskBytes, processes } = message;
    const sample = { cpuMs, memoryBytes, diskBytes, processes };
    for (const value of Object.values(sample)) if (!Number.isSafeInteger(Math.round(value))) return;
    this.#parts.records.commit(
      { kind: 'UPDATE', subject: 'session.usage' },
      {
        cpuMs: Math.round(cpuMs),
        memoryBytes: Math.round(memoryBytes),
        diskBytes: Math.round(diskBytes),
        processes: Math.round(processes),
        sampledAtMs: Date.now(),
      },
    );
  }

  #error(message: ErrorMessage): void {
    const { terminals, terminalRows, placement, records, host, hub, log, lifecycle } = this.#parts;
    const { code, detail, channel } = message;
    log('warn', 'host reports an error', {
      code,
      detail,
      channel: channel ?? null,
      epoch: records.row.epoch,
    });
    if (channel !== undefined) {
      // Only a terminal that never came to be ends by an error; the executor reports the end of others itself.
      if (terminalRows.get(channel)?.state === 'starting') terminals.lost(channel, detail, 'failed');
      return;
    }
    if (code !== 'sandbox-failed' || host.ready) return;
    for (const row of terminalRows.open()) {
      if (row.state === 'starting') terminals.lost(row.channel, detail, 'failed');
    }
    host.drop(CloseCode.Normal, 'sandbox failed');
    hub.unlinked();
    placement.failed(records.row.epoch, detail);
    if (terminalRows.open().length === 0 && records.row.status === 'starting') lifecycle.setStatus('idle');
  }

  #violation(code: ErrorCode): void {
    const { host, hub, placement, log } = this.#parts;
    host.violations += 1;
    log('warn', 'host broke the protocol', { code, violations: host.violations });
    host.fail(code, 'Not of this protocol, or not yours to send.');
    if (host.violations < MAX_VIOLATIONS) return;
    host.drop(CloseCode.ProtocolError, 'too many bad messages');
    hub.unlinked();
    placement.lost('The sandbox host spoke another language; trying again.');
  }
}
