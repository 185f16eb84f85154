import { RESIZE_DEBOUNCE_MS } from '../../protocol/limits.ts';
import type { TerminalSize } from '../../protocol/messages/session.ts';
import { chooseSizer } from './decisions.ts';
import type { Parts } from './parts.ts';
import type { ViewerCursor } from './viewer-cursor.ts';
import type { ViewerSocket } from './viewer-socket.ts';

/** Windows remembered after they are gone. */
const MAX_GONE = 256;

/**
 * The sizes of terminals: each follows one viewer's window, by {@link chooseSizer}. Windows live in the viewers' cursors
 * and so outlive hibernation; whose turn it is follows from them.
 */
export class Sizing {
  readonly #parts: Parts;
  readonly #sizers = new Map<number, ViewerSocket | null>();
  /** When windows that are gone were last typed in, by channel and stream: their viewers may be back in a moment. */
  readonly #gone = new Map<string, number>();
  readonly #pending = new Map<number, ReturnType<typeof setTimeout>>();

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** After the actor started or woke: as it was. */
  restore(): void {
    for (const { channel } of this.#parts.terminalRows.open()) {
      const sizer = this.#choose(channel);
      this.#sizers.set(channel, sizer?.viewer ?? null);
      if (sizer !== null && this.#differs(channel, sizer.size)) this.#schedule(channel);
    }
  }

  /** A viewer's window has this size now, can be seen or not, and `take`s the terminal or not. */
  resize(
    viewer: ViewerSocket,
    cursor: ViewerCursor,
    window: { size: TerminalSize; visible: boolean; take: boolean },
  ): void {
    const { channel } = cursor;
    if (cursor.size === null) cursor.activeAtMs = this.#gone.get(keyOf(channel, viewer)) ?? cursor.activeAtMs;
    cursor.size = window.size;
    cursor.visible = window.visible;
    const free = (this.#sizers.get(channel) ?? null) === null && window.visible;
    if (window.take || (free && cursor.activeAtMs === 0)) cursor.activeAtMs = Date.now();
    viewer.save();
    clearTimeout(this.#pending.get(channel) ?? null);
    this.#schedule(channel);
  }

  /** Somebody typed. On the path of every keystroke: nothing is to be done while it is the same one. */
  typed(channel: number, viewer: ViewerSocket, cursor: ViewerCursor): void {
    cursor.activeAtMs = Date.now();
    if (cursor.size === null || this.#sizers.get(channel) === viewer) return;
    this.reconsider(channel);
  }

  /** A viewer is not attached any more. */
  left(viewer: ViewerSocket, { channel, size, activeAtMs }: ViewerCursor): void {
    if (size === null) return;
    if (activeAtMs > 0) this.#gone.set(keyOf(channel, viewer), activeAtMs);
    const [oldest] = this.#gone.keys();
    if (this.#gone.size > MAX_GONE && oldest !== undefined) this.#gone.delete(oldest);
    if (this.#sizers.get(channel) === viewer) this.reconsider(channel);
  }

  /** A window counts differently now. */
  reconsider(channel: number): void {
    if (!this.#pending.has(channel)) this.#schedule(channel);
  }

  /** The size of the window whose turn it is; null when there is none. */
  wanted(channel: number): TerminalSize | null {
    return this.#choose(channel)?.size ?? null;
  }

  /** Tells a viewer who has just attached whose window counts. */
  tell(viewer: ViewerSocket, channel: number): void {
    const stream = this.#sizers.get(channel)?.client?.stream ?? null;
    viewer.send({ type: 'terminal.sizer', channel, stream });
  }

  /** The terminal has ended. */
  ended(channel: number): void {
    clearTimeout(this.#pending.get(channel) ?? null);
    this.#pending.delete(channel);
    this.#sizers.delete(channel);
  }

  #schedule(channel: number): void {
    const timer = setTimeout(() => this.#decide(channel), RESIZE_DEBOUNCE_MS);
    this.#pending.set(channel, timer);
  }

  #decide(channel: number): void {
    this.#pending.delete(channel);
    const { records, terminalRows, terminals, hub, host, placement } = this.#parts;
    // The session may have been deleted meanwhile.
    const row = records.current === null ? undefined : terminalRows.get(channel);
    if (row === undefined || row.state === 'exited') return;
    const sizer = this.#choose(channel);
    const viewer = sizer?.viewer ?? null;
    if ((this.#sizers.get(channel) ?? null) !== viewer) {
      this.#sizers.set(channel, viewer);
      viewer?.save();
      for (const each of hub.get(channel)?.attached.keys() ?? []) this.tell(each, channel);
    }
    if (sizer === null || !this.#differs(channel, sizer.size)) return;
    if (host.ready && row.state === 'running')
      return host.send({ type: 'resize', channel, size: sizer.size });
    // It starts, or is linked again, with the newest size.
    terminals.setSize(channel, sizer.size);
    placement.wake();
  }

  #choose(channel: number): { viewer: ViewerSocket; size: TerminalSize } | null {
    const windows = [...(this.#parts.hub.get(channel)?.attached.values() ?? [])].map(
      ({ viewer, cursor }) => ({
        viewer,
        size: cursor.size,
        visible: cursor.visible && !viewer.closed,
        mayType: viewer.may('frame.Input'),
        activeAtMs: cursor.activeAtMs,
        sinceMs: viewer.acceptedAtMs,
      }),
    );
    const chosen = chooseSizer(windows);
    return chosen === null || chosen.size === null ? null : { viewer: chosen.viewer, size: chosen.size };
  }

  #differs(channel: number, size: TerminalSize): boolean {
    const row = this.#parts.terminalRows.get(channel);
    return row !== undefined && (row.cols !== size.cols || row.rows !== size.rows);
  }
}

function keyOf(channel: number, viewer: ViewerSocket): string {
  return `${channel}:${viewer.client?.stream ?? 0}`;
}
