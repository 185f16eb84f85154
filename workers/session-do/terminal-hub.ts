import type { TerminalExit } from '../../protocol/messages/session.ts';
import { INPUT_WINDOW_BYTES, MAX_SNAPSHOT_BYTES } from '../../protocol/limits.ts';
import { FrameKind, stampStream, type Frame } from '../../protocol/stream/frame.ts';
import { OutputChannel } from './output-channel.ts';
import type { Parts } from './parts.ts';
import { SnapshotRequests } from './snapshot-requests.ts';
import { keepWindow, newCursor } from './viewer-cursor.ts';
import type { Attached, ViewerSocket } from './viewer-socket.ts';

/** Unconfirmed input bytes of one viewer let through; its own window is half of it, so only a rogue gets here. */
const INPUT_LIMIT_BYTES = 2 * INPUT_WINDOW_BYTES;

/** Routes frames between the host and the viewers: one {@link OutputChannel} per terminal, input by stream number. */
export class TerminalHub {
  readonly #parts: Parts;
  readonly #snapshots = new SnapshotRequests();
  readonly #channels = new Map<number, OutputChannel>();

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** Takes up terminals and attachments after the actor started or woke. */
  restore(): void {
    const { terminalRows, participants, host } = this.#parts;
    for (const row of terminalRows.all()) {
      const channel = this.add(row.channel);
      channel.exit = row.exit;
      channel.gone = row.exit?.reason === 'lost' || row.exit?.reason === 'failed';
      if (row.state === 'starting') channel.tail.reset(0);
      const end = this.#parts.rest.at(row.channel)?.outputOffset;
      // What it was when the rest began, it still is.
      if (end !== undefined) channel.facts.sizesTold(end, [{ offset: end, cols: row.cols, rows: row.rows }]);
    }
    for (const viewer of participants.present()) {
      for (const cursor of viewer.cursors.values()) {
        this.#channels.get(cursor.channel)?.attached.set(viewer, { viewer, cursor });
      }
    }
    this.#parts.sizing.restore();
    if (!host.ready) return;
    for (const row of terminalRows.all()) {
      if (row.state !== 'starting') this.#channels.get(row.channel)?.woke();
    }
  }

  /** The output of a terminal. */
  get(channel: number): OutputChannel | undefined {
    return this.#channels.get(channel);
  }

  add(channel: number): OutputChannel {
    const output = new OutputChannel(channel, this.#parts.host, this.#snapshots);
    this.#channels.set(channel, output);
    return output;
  }

  /** Forgets a terminal. Viewers attached to it are so no more. */
  remove(channel: number): void {
    const output = this.#channels.get(channel);
    if (output === undefined) return;
    output.unlinked();
    for (const viewer of output.attached.keys()) {
      viewer.cursors.delete(channel);
      viewer.save();
    }
    this.#channels.delete(channel);
  }

  /** True when a viewer waits for bytes that only the executor has. */
  get bytesAwaited(): boolean {
    for (const output of this.#channels.values()) {
      if (output.live || output.gone) continue;
      const end = this.#parts.rest.at(output.channel)?.outputOffset ?? null;
      for (const { cursor } of output.attached.values()) {
        const hasAll = !cursor.waiting && cursor.sent === end;
        if (!cursor.exitSent && !hasAll) return true;
      }
    }
    return false;
  }

  /** A frame from the current host. False when the protocol does not allow it. */
  fromHost(frame: Frame, raw: ArrayBuffer): boolean {
    const output = this.#channels.get(frame.channel);
    switch (frame.kind) {
      case FrameKind.Output:
        output?.output(frame, raw);
        return true;
      case FrameKind.Snapshot:
        output?.snapshot(frame, raw);
        return true;
      case FrameKind.InputAck:
      case FrameKind.InputResume:
        if (output !== undefined) this.#inputConfirmed(output, frame, raw);
        return true;
      default:
        return false;
    }
  }

  /** A frame from a viewer past `hello`; refusals are told to the viewer. False when the protocol does not allow it. */
  fromViewer(viewer: ViewerSocket, frame: Frame, raw: ArrayBuffer): boolean {
    const { channel } = frame;
    if (frame.kind !== FrameKind.Input && frame.kind !== FrameKind.OutputAck) {
      viewer.fail('frame-kind-not-allowed', 'Viewers send Input and OutputAck frames only.', { channel });
      return false;
    }
    if (frame.kind === FrameKind.OutputAck && !viewer.may('frame.OutputAck')) return false;
    const output = this.#channels.get(channel);
    const each = output?.attached.get(viewer);
    if (output === undefined || each === undefined) {
      viewer.fail('frame-channel-not-attached', 'Attach to the terminal first.', { channel });
      // What was on its way when the terminal was detached or closed is no offence.
      return true;
    }
    if (frame.kind === FrameKind.OutputAck) output.ack(each, frame.offset);
    else this.#input(output, each, frame, raw);
    return true;
  }

  /** Attaches a viewer; `answer` tells it how its output goes on, before any of it. */
  attach(
    viewer: ViewerSocket,
    output: OutputChannel,
    offset: number | null,
    answer: (mode: 'resume' | 'snapshot', offset: number) => void,
  ): void {
    abandon(viewer, output.channel);
    output.detach(viewer);
    const before = viewer.cursors.get(output.channel);
    const each: Attached = { viewer, cursor: newCursor(output.channel, offset) };
    // Attaching again to go on elsewhere in the output changes nothing about the window.
    if (before !== undefined) keepWindow(each.cursor, before);
    viewer.cursors.set(output.channel, each.cursor);
    const mode = output.attach(each);
    answer(mode, mode === 'resume' ? each.cursor.sent : output.knownEnd);
    output.begin(each);
    this.#parts.sizing.tell(viewer, output.channel);
    this.syncInput(viewer, output);
  }

  detach(viewer: ViewerSocket, channel: number): boolean {
    const cursor = viewer.cursors.get(channel);
    if (cursor === undefined) return false;
    abandon(viewer, channel);
    viewer.cursors.delete(channel);
    this.#channels.get(channel)?.detach(viewer);
    this.#parts.sizing.left(viewer, cursor);
    viewer.save();
    return true;
  }

  /** The viewer's socket is gone. */
  detachAll(viewer: ViewerSocket): void {
    for (const cursor of viewer.cursors.values()) {
      this.#channels.get(cursor.channel)?.detach(viewer);
      this.#parts.sizing.left(viewer, cursor);
    }
    viewer.cursors.clear();
  }

  /** Asks the executor where the viewer's input stands; the answer is routed back to it. */
  syncInput(viewer: ViewerSocket, output: OutputChannel): void {
    if (output.exit !== null || viewer.client === null || !viewer.may('frame.Input')) return;
    const { stream } = viewer.client;
    if (!output.live) return this.#parts.rest.syncInput(viewer, output.channel, stream);
    this.#parts.host.send({ type: 'input.sync', channel: output.channel, stream });
  }

  /** A viewer may type now, or no longer, on every terminal it is attached to. */
  roleChanged(viewer: ViewerSocket): void {
    for (const channel of viewer.cursors.keys()) {
      const output = this.#channels.get(channel);
      if (output !== undefined) this.syncInput(viewer, output);
      this.#parts.sizing.reconsider(channel);
    }
  }

  /** A terminal is on the link now: every attached viewer learns where its input stands. */
  syncAllInput(output: OutputChannel): void {
    for (const viewer of output.attached.keys()) this.syncInput(viewer, output);
  }

  /** The link is down. */
  unlinked(): void {
    for (const output of this.#channels.values()) output.unlinked();
  }

  /** A terminal ended; `lost`: its bytes went with its sandbox. */
  ended(channel: number, exit: TerminalExit, lost: boolean): void {
    const output = this.#channels.get(channel);
    if (output === undefined) return;
    if (lost) output.lost();
    output.ended(exit);
  }

  #input(output: OutputChannel, each: Attached, frame: Frame, raw: ArrayBuffer): void {
    const { viewer, cursor } = each;
    const { channel } = frame;
    if (viewer.client === null) return;
    if (!viewer.may('frame.Input')) {
      this.#parts.audit.denied(viewer.userId, 'frame.Input');
      viewer.fail('forbidden', 'You may watch this terminal, not type.', { channel });
      return;
    }
    if (output.exit !== null) {
      viewer.fail('terminal-exited', 'This terminal has ended; open a new one.', { channel });
      return;
    }
    this.#parts.lifecycle.active();
    this.#parts.sizing.typed(channel, viewer, cursor);
    this.#parts.presence.typed(channel, viewer, cursor);
    this.#parts.placement.dropSilent();
    // Not linked: dropped here, kept by the viewer, sent again at the InputResume that follows the next link.
    if (!output.live) return this.#parts.placement.wake();
    cursor.inputAcked ??= frame.offset;
    if (frame.offset + frame.payload.length - cursor.inputAcked > INPUT_LIMIT_BYTES) {
      viewer.fail('rate-limited', 'Wait for InputAck before sending more.', { channel });
      return;
    }
    // Never the viewer's own word for who it is.
    stampStream(new Uint8Array(raw), viewer.client.stream);
    this.#parts.host.sendFrame(raw);
  }

  #inputConfirmed(output: OutputChannel, frame: Frame, raw: ArrayBuffer): void {
    for (const { viewer, cursor } of output.attached.values()) {
      if (viewer.client?.stream !== frame.stream) continue;
      cursor.inputAcked = frame.offset;
      viewer.sendMessage(raw);
    }
  }
}

/** What a viewer was sent of a terminal and has not acknowledged will not be: it gives up its place there. */
function abandon(viewer: ViewerSocket, channel: number): void {
  const cursor = viewer.cursors.get(channel);
  if (cursor !== undefined)
    viewer.owes(cursor.sent - cursor.acked + (cursor.waiting ? MAX_SNAPSHOT_BYTES : 0));
}
