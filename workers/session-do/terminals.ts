import { MAX_TERMINALS } from '../../protocol/limits.ts';
import type { TerminalExit, TerminalInfo, TerminalSize } from '../../protocol/messages/session.ts';
import type { ActingParty } from '../shared/audit/draft.ts';
import type { Outcome } from '../shared/rpc.ts';
import { masker } from '../shared/log.ts';
import { exitedBeyond } from './decisions.ts';
import { MAX_EXITED_TERMINALS } from './limits.ts';
import type { Parts } from './parts.ts';
import type { TerminalRow } from './schema.ts';
import { toTerminalInfo } from './session-view.ts';

/** What is asked when a terminal is opened. */
export interface OpenRequest {
  size: TerminalSize;
  title?: string | undefined;
  command?: string[] | undefined;
}

/** The terminals of a session: opening, closing, renaming, ends. Rows, events and announcements. */
export class Terminals {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /**
   * Opens a terminal, or finds the one this `requestKey` opened before. It is `starting` until the executor has it;
   * a session without a sandbox gets one.
   */
  open(who: ActingParty, request: OpenRequest, requestKey: string | null): Outcome<TerminalInfo> {
    const { records, terminalRows, hub, placement, host } = this.#parts;
    const known = requestKey === null ? undefined : terminalRows.byRequest(requestKey);
    if (known !== undefined) return { ok: true, value: toTerminalInfo(known) };
    if (terminalRows.open().length >= MAX_TERMINALS) {
      const detail = `At most ${MAX_TERMINALS} terminals at once; close one first.`;
      return { ok: false, code: 'limit-exceeded', detail };
    }
    const channel = records.row.nextChannel;
    const row: TerminalRow = {
      channel,
      title: masker.text(request.title ?? request.command?.[0]?.slice(0, 200) ?? `Terminal ${channel}`),
      ...request.size,
      state: 'starting',
      createdAtMs: Date.now(),
      exit: null,
      command: request.command ?? null,
      requestKey,
      askedIncarnation: null,
      rested: null,
    };
    records.commit(
      { kind: 'CREATE', subject: 'terminal.created', data: { channel, title: row.title } },
      { nextChannel: channel + 1 },
      () => {
        this.#parts.audit.note(who, { action: 'terminal.open', detail: { channel } });
        terminalRows.insert(row);
      },
    );
    hub.add(channel).tail.reset(0);
    this.#parts.lifecycle.active();
    if (host.ready && records.row.pendingStop === null) this.sendOpen(row);
    else placement.wantNow();
    return { ok: true, value: toTerminalInfo(row) };
  }

  /**
   * Asks the executor for a terminal of ours. Whom it asks is written first, and the platform holds the message back
   * until that is durable: so a program that may have run is never taken for one that was not asked for.
   */
  sendOpen(row: TerminalRow): void {
    const { terminalRows, records } = this.#parts;
    const { channel, cols, rows, command } = row;
    const size = { cols, rows };
    terminalRows.update(channel, { askedIncarnation: records.row.incarnation });
    this.#parts.host.send({
      type: 'terminal.open',
      channel,
      size,
      ...(command === null ? {} : { command }),
    });
  }

  /** Closes an open terminal (it ends when the executor says so), or takes an ended one off the list. */
  close(who: ActingParty, channel: number): Outcome<TerminalInfo> {
    const { terminalRows, host, placement, audit } = this.#parts;
    const row = terminalRows.get(channel);
    if (row === undefined) return notFound(channel);
    audit.note(who, { action: 'terminal.close', detail: { channel } });
    if (row.state === 'exited') {
      this.#forget(row);
      return { ok: true, value: toTerminalInfo(row) };
    }
    if (host.ready) {
      host.send({ type: 'terminal.close', channel });
    } else {
      // Nobody to tell now. The next host that has it is told to close what is closed here.
      this.exited(channel, this.#exit(channel, 'closed'), true);
      placement.wake();
    }
    return { ok: true, value: toTerminalInfo(terminalRows.get(channel) ?? row) };
  }

  rename(channel: number, asked: string): Outcome<TerminalInfo> {
    const title = masker.text(asked);
    const { records, terminalRows } = this.#parts;
    const row = terminalRows.get(channel);
    if (row === undefined) return notFound(channel);
    records.commit({ kind: 'UPDATE', subject: 'terminal.renamed', data: { channel, title } }, {}, () => {
      terminalRows.update(channel, { title });
    });
    return { ok: true, value: toTerminalInfo({ ...row, title }) };
  }

  /** The executor has the terminal and it runs. */
  running(channel: number): void {
    const { records, terminalRows } = this.#parts;
    if (terminalRows.get(channel)?.state !== 'starting') return;
    records.commit({ kind: 'UPDATE', subject: 'terminal.opened', data: { channel } }, {}, () => {
      terminalRows.update(channel, { state: 'running' });
    });
  }

  /** A terminal ended; viewers attached to it are told so after its last byte as well. `lost`: no more bytes come. */
  exited(channel: number, exit: TerminalExit, lost: boolean): void {
    const { records, terminalRows, hub } = this.#parts;
    const row = terminalRows.get(channel);
    if (row === undefined || row.state === 'exited') return;
    const { reason, exitCode, signal } = exit;
    records.commit(
      { kind: 'UPDATE', subject: 'terminal.exited', data: { channel, reason, exitCode, signal } },
      {},
      () => terminalRows.update(channel, { state: 'exited', exit: masked(exit) }),
    );
    this.#parts.sizing.ended(channel);
    hub.ended(channel, exit, lost);
    for (const old of exitedBeyond(terminalRows.all(), MAX_EXITED_TERMINALS)) {
      const oldRow = terminalRows.get(old);
      if (oldRow !== undefined) this.#forget(oldRow);
    }
  }

  /** Its sandbox is gone without its telling how the terminal ended. */
  lost(channel: number, message: string, reason: 'lost' | 'failed' = 'lost'): void {
    this.exited(channel, { ...this.#exit(channel, reason), message }, true);
  }

  /** The sandbox is gone: every terminal that ran in it is. One not yet started waits for the next sandbox. */
  lostAll(message: string): void {
    for (const row of this.#parts.terminalRows.all()) {
      if (row.state === 'running') this.lost(row.channel, message);
      else if (row.state === 'exited') this.gone(row.channel);
    }
  }

  /** The bytes of an ended terminal are not kept any more. */
  gone(channel: number): void {
    const output = this.#parts.hub.get(channel);
    if (output === undefined || output.exit === null) return;
    output.lost();
    output.ended(output.exit);
  }

  /** The executor resized a terminal, from this output offset on. */
  resized(channel: number, cols: number, rows: number, offset: number): void {
    if (!this.setSize(channel, { cols, rows })) return;
    this.#parts.hub.get(channel)?.facts.resized({ offset, cols, rows });
  }

  /** Writes a size down. False when there is no such terminal. */
  setSize(channel: number, { cols, rows }: TerminalSize): boolean {
    const { records, terminalRows } = this.#parts;
    const row = terminalRows.get(channel);
    if (row === undefined) return false;
    if (row.cols === cols && row.rows === rows) return true;
    const data = { channel, cols, rows };
    records.commit({ kind: 'UPDATE', subject: 'terminal.resized', data }, {}, () => {
      terminalRows.update(channel, { cols, rows });
    });
    return true;
  }

  #forget(row: TerminalRow): void {
    const { records, terminalRows, hub, host } = this.#parts;
    const { channel } = row;
    records.commit({ kind: 'DELETE', subject: 'terminal.removed', data: { channel } }, {}, () =>
      terminalRows.delete(channel),
    );
    hub.remove(channel);
    if (host.ready) host.send({ type: 'terminal.forget', channel });
  }

  #exit(channel: number, reason: TerminalExit['reason']): TerminalExit {
    return { offset: this.#parts.hub.get(channel)?.knownEnd ?? 0, exitCode: null, signal: null, reason };
  }
}

function masked(exit: TerminalExit): TerminalExit {
  return exit.message === undefined ? exit : { ...exit, message: masker.text(exit.message) };
}

function notFound(channel: number): Outcome<TerminalInfo> {
  return { ok: false, code: 'terminal-not-found', detail: `This session has no terminal ${channel}.` };
}
