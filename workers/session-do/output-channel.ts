import { OUTPUT_RESUME_BYTES } from '../../protocol/limits.ts';
import type { TerminalExit } from '../../protocol/messages/session.ts';
import {
  encodeFrame,
  FrameKind,
  MAX_PAYLOAD_BYTES,
  SnapshotFlag,
  type Frame,
} from '../../protocol/stream/frame.ts';
import { OutputSource, type HostPort } from './output-source.ts';
import { OutputTail } from './output-tail.ts';
import type { SnapshotRequests } from './snapshot-requests.ts';
import { TerminalFacts } from './terminal-facts.ts';
import { creditOf, moveOn, skipTo, takesAt } from './viewer-cursor.ts';
import type { Attached, ViewerSocket } from './viewer-socket.ts';

/**
 * Output of one terminal on its way from the executor to its viewers: a tail of the newest bytes, a cursor for each
 * viewer, acknowledgements upstream, screens for those who fell behind, and the exit after the last byte.
 */
export class OutputChannel {
  readonly channel: number;
  readonly tail = new OutputTail();
  readonly attached = new Map<ViewerSocket, Attached>();
  readonly facts: TerminalFacts;
  readonly #source: OutputSource;
  readonly #snapshots: SnapshotRequests;
  /** Its bytes cannot come any more: its sandbox is gone. */
  gone = false;
  exit: TerminalExit | null = null;

  constructor(channel: number, host: HostPort, snapshots: SnapshotRequests) {
    this.channel = channel;
    this.facts = new TerminalFacts(channel, this.attached);
    this.#source = new OutputSource(channel, host);
    this.#snapshots = snapshots;
  }

  /** The executor has this terminal and the link to it is up. */
  get live(): boolean {
    return this.#source.live;
  }

  /** An Output frame of the executor; `raw` is the frame as it came, passed on uncopied where it fits. */
  output(frame: Frame, raw: ArrayBuffer): void {
    if (!this.tail.known) {
      const needed = this.#oldestNeeded(frame.offset);
      if (needed < frame.offset) return this.#heal(needed);
      this.tail.reset(frame.offset);
    }
    const expected = this.tail.end;
    const appended = this.tail.append(frame.offset, frame.payload);
    if (appended === 'duplicate') return;
    if (appended === 'gap') {
      if (this.#source.misfit()) this.#heal(this.tail.end);
      return;
    }
    this.#source.fitted(this.tail.end);
    const fits = frame.offset === expected;
    // Somebody left behind may have the tail begin anew on the way.
    const { end } = this.tail;
    for (const each of this.attached.values()) {
      const { cursor } = each;
      if (fits && takesAt(cursor, expected)) {
        each.viewer.sendRaw(raw);
        moveOn(cursor, end);
      } else {
        // A screen still awaited is asked for again once it is overdue.
        if (cursor.waiting) this.requestSnapshot(each);
        this.pump(each);
      }
    }
    if (this.#source.ackDue(this.tail.end)) this.#ackUpstream();
  }

  /** A Snapshot frame: to those who asked for it, or, as the answer to a replay, to all who are behind it. */
  snapshot(frame: Frame, raw: ArrayBuffer): void {
    const first = (frame.flags & SnapshotFlag.First) !== 0;
    if (first) this.#source.produced(frame.offset);
    if (frame.stream === 0 && first) this.#skipTo(frame.offset);
    const receivers = this.#snapshots.receivers(frame.stream, this.channel, first);
    for (const viewer of receivers) viewer.sendRaw(raw);
    if ((frame.flags & SnapshotFlag.Last) === 0) return;
    this.#snapshots.finish(frame.stream, this.channel);
    for (const viewer of receivers) {
      const each = this.attached.get(viewer);
      if (each === undefined) continue;
      skipTo(each.cursor, frame.offset);
      this.facts.tellSizes(each);
      this.pump(each);
      viewer.save();
    }
    this.#ackUpstream();
  }

  /** A viewer has consumed everything before `offset`. What was never sent cannot be acknowledged. */
  ack(each: Attached, offset: number): void {
    const { cursor } = each;
    if (this.tail.known && offset > Math.max(this.tail.end, cursor.sent)) return;
    if (offset <= cursor.acked) return;
    cursor.acked = offset;
    cursor.window.acked(offset, Date.now());
    // After a wake the saved cursor may be older than what was sent.
    if (!cursor.waiting && cursor.sent < offset) cursor.sent = offset;
    this.pump(each);
    this.#ackUpstream();
    each.viewer.saveIfDue(cursor);
  }

  /** Sends what the viewer's window allows, then its exit if that was all. */
  pump(each: Attached): void {
    const { cursor, viewer } = each;
    while (!cursor.waiting && this.tail.known && cursor.sent < this.tail.end) {
      const unackedBytes = cursor.sent - cursor.acked;
      if (cursor.sent < this.tail.start) {
        if (unackedBytes <= OUTPUT_RESUME_BYTES) this.#fetch(each);
        break;
      }
      const roomBytes = cursor.window.bytes - unackedBytes;
      if (roomBytes <= 0) break;
      const payload = this.tail.read(cursor.sent, Math.min(MAX_PAYLOAD_BYTES, roomBytes));
      const { channel } = this;
      viewer.sendRaw(encodeFrame({ kind: FrameKind.Output, channel, offset: cursor.sent, payload }));
      moveOn(cursor, cursor.sent + payload.length);
    }
    this.#tellExit(each);
  }

  /** Starts a viewer at its cursor. Answers how it goes on: from its offset, or with a screen. */
  attach(each: Attached): 'resume' | 'snapshot' {
    const { cursor } = each;
    if (cursor.waiting && this.tail.known && this.tail.end === 0) cursor.waiting = false;
    // A replay for somebody further behind may be under way: not to have reached a viewer's place is no lack of bytes.
    const ahead = this.tail.known && this.#source.lacks(cursor.sent);
    const behind = this.tail.known && cursor.sent < this.tail.start && !this.#canReplay(cursor.sent);
    if (ahead || behind) cursor.waiting = true;
    this.attached.set(each.viewer, each);
    if (this.gone) {
      // No screen will come; whatever the tail has, and the end.
      const { start } = this.tail;
      if (cursor.waiting && this.tail.known)
        Object.assign(cursor, { waiting: false, sent: start, acked: start });
      cursor.acked = Math.min(cursor.acked, cursor.sent);
      return 'resume';
    }
    return cursor.waiting ? 'snapshot' : 'resume';
  }

  /** After {@link attach} was answered: the bytes or the request for them. */
  begin(each: Attached): void {
    const { sent, waiting } = each.cursor;
    if (waiting) this.requestSnapshot(each);
    else {
      this.facts.tellSizes(each);
      const known = this.tail.known && sent >= Math.max(this.tail.start, this.facts.sizesFrom);
      if (this.live && !known) this.#heal(this.#oldestNeeded(sent));
    }
    this.pump(each);
    if (!this.facts.tellMode(each.viewer) && this.exit === null)
      this.#source.ask({ type: 'mode.sync', channel: this.channel });
    each.viewer.save();
  }

  detach(viewer: ViewerSocket): void {
    this.#snapshots.leave(this.channel, viewer);
    if (this.attached.delete(viewer)) this.#ackUpstream();
  }

  /** Asks the executor for a screen for this viewer, now or as soon as the terminal can be reached. */
  requestSnapshot(each: Attached): void {
    each.cursor.waiting = true;
    if (!this.live) return;
    const request = this.#snapshots.ask(this.channel, each.viewer);
    if (request !== null) this.#source.ask({ type: 'snapshot', channel: this.channel, request });
  }

  /** The link is up and the executor has this terminal, having produced `outputOffset` bytes, and kept some of them. */
  linked(outputOffset: number, ringOffset: number): void {
    this.gone = false;
    this.#source.linked(outputOffset, ringOffset);
    for (const { cursor } of this.attached.values()) {
      if (!cursor.waiting && cursor.sent > outputOffset) cursor.waiting = true;
    }
    const needed = this.#oldestNeeded(outputOffset, ringOffset);
    const known = this.tail.known && this.tail.end <= outputOffset;
    this.#heal(known && (needed >= this.tail.start || !this.tail.whole) ? this.tail.end : needed);
    for (const each of this.attached.values()) if (each.cursor.waiting) this.requestSnapshot(each);
    this.#ackUpstream();
  }

  /** The executor has just created this terminal: output flows from offset 0 by itself. */
  opened(): void {
    if (!this.tail.known) this.tail.reset(0);
    this.#source.born();
    this.facts.sizesExpected(0);
    this.woke();
  }

  /** The actor woke with the link still up. Output goes on by itself; lost requests are made again. */
  woke(): void {
    this.#source.live = true;
    for (const { cursor } of this.attached.values()) if (!cursor.waiting) this.#source.produced(cursor.sent);
    for (const each of this.attached.values()) if (each.cursor.waiting) this.requestSnapshot(each);
  }

  /** The link is down: what was asked for will not be answered. */
  unlinked(): void {
    this.#source.unlinked();
    this.#snapshots.forget(this.channel);
  }

  /** The terminal ended; each viewer learns it after its last byte. */
  ended(exit: TerminalExit): void {
    this.exit = exit;
    for (const each of this.attached.values()) this.pump(each);
  }

  /** The sandbox is gone and its bytes with it: viewers get what is here, then the end. */
  lost(): void {
    this.unlinked();
    this.gone = true;
  }

  /** Newest output offset known here: the length of a terminal whose executor cannot be asked any more. */
  get knownEnd(): number {
    let end = this.tail.known ? this.tail.end : 0;
    for (const { cursor } of this.attached.values()) end = Math.max(end, cursor.sent);
    return end;
  }

  #tellExit({ viewer, cursor }: Attached): void {
    if (this.exit === null || cursor.exitSent) return;
    const reachable = this.gone
      ? !cursor.waiting && this.tail.known && cursor.sent >= this.tail.start && cursor.sent < this.tail.end
      : cursor.waiting || cursor.sent < this.exit.offset;
    if (reachable) return;
    cursor.exitSent = true;
    viewer.send({ type: 'terminal.exited', channel: this.channel, exit: this.exit });
    viewer.save();
  }

  /** Gets a viewer what it lacks from before the tail: the bytes, which no replay under way begins with, or a screen. */
  #fetch(each: Attached): void {
    if (!this.#canReplay(each.cursor.sent)) this.requestSnapshot(each);
    else if (this.live) this.#heal(this.#oldestNeeded(each.cursor.sent));
  }

  /** Drops the tail and asks the executor for everything from `offset`. */
  #heal(offset: number): void {
    if (!this.tail.known || this.tail.end !== offset) this.tail.reset(offset);
    this.facts.sizesExpected(offset);
    this.#source.replay(offset);
  }

  /**
   * The ring does not have what was asked for: everybody who is not at `offset`, its end, gets the screen that comes
   * instead, but for those who have not read what they were sent. They get one of their own when they have.
   */
  #skipTo(offset: number): void {
    this.#source.fitted(offset);
    const elsewhere: ViewerSocket[] = [];
    for (const { viewer, cursor } of this.attached.values()) {
      if (cursor.waiting || cursor.sent === offset) continue;
      if (cursor.sent - cursor.acked > OUTPUT_RESUME_BYTES) continue;
      cursor.waiting = true;
      elsewhere.push(viewer);
    }
    if (!this.tail.known || this.tail.end !== offset) this.tail.reset(offset);
    this.#snapshots.begin(0, this.channel, elsewhere);
  }

  /** Whether a viewer at `offset`, before the tail, gets the bytes from the executor: if they were never here. */
  #canReplay(offset: number): boolean {
    return this.tail.whole && offset >= this.#source.keptFrom();
  }

  /**
   * The oldest output that a viewer needs and the executor has; `kept` is the oldest it is known to have. One viewer that
   * is further behind gets a screen, and spoils the bytes of no other.
   */
  #oldestNeeded(end: number, kept = this.#source.keptFrom(end)): number {
    let oldest = end;
    for (const each of this.attached.values()) {
      const { cursor } = each;
      if (cursor.waiting) continue;
      if (cursor.sent < kept) this.requestSnapshot(each);
      else oldest = Math.min(oldest, cursor.sent);
    }
    return oldest;
  }

  /** Credit for the executor. */
  #ackUpstream(): void {
    if (this.live && this.tail.known) this.#source.ack(creditOf(this.attached.values(), this.tail.end));
  }
}
