import type { HostToSession } from '../../protocol/messages/host.ts';
import { type SizeChange, SizeHistory } from '../../protocol/stream/size-history.ts';
import type { Attached, ViewerSocket } from './viewer-socket.ts';

type ToldMode = Extract<HostToSession, { type: 'terminal.mode' }>;

/** What the executor tells of a terminal beside its output, and who has to know: line discipline, and size by offset. */
export class TerminalFacts {
  readonly #channel: number;
  readonly #attached: ReadonlyMap<ViewerSocket, Attached>;
  /** The line discipline as last told; null when not known since the actor woke. */
  #mode: ToldMode | null = null;
  /** Known from where the executor sent its output again last. */
  #sizes = new SizeHistory(Infinity);

  constructor(channel: number, attached: ReadonlyMap<ViewerSocket, Attached>) {
    this.#channel = channel;
    this.#attached = attached;
  }

  /** For output from here on the sizes are known. */
  get sizesFrom(): number {
    return this.#sizes.from;
  }

  /** The line discipline is so now. */
  modeTold(told: ToldMode): void {
    this.#mode = told;
    for (const { viewer } of this.#attached.values()) viewer.send(told);
  }

  /** Tells a newcomer the line discipline. False when it is not known. */
  tellMode(viewer: ViewerSocket): boolean {
    if (this.#mode !== null) viewer.send(this.#mode);
    return this.#mode !== null;
  }

  /** The executor resized the terminal just now. */
  resized(change: SizeChange): void {
    this.#sizes.add(change);
    for (const { viewer } of this.#attached.values()) this.#send(viewer, change);
  }

  /** Those for output from `offset` on will be told, ahead of it. */
  sizesExpected(offset: number): void {
    this.#sizes.learn(offset, []);
  }

  /** All sizes for output from `offset` on, ahead of that output. */
  sizesTold(offset: number, changes: readonly SizeChange[]): void {
    this.#sizes.learn(offset, changes);
    for (const each of this.#attached.values()) if (!each.cursor.waiting) this.tellSizes(each);
  }

  /** Tells a viewer the sizes from where it goes on. It passes over what it knows. */
  tellSizes({ viewer, cursor }: Attached): void {
    for (const change of this.#sizes.since(cursor.sent)) this.#send(viewer, change);
  }

  #send(viewer: ViewerSocket, { cols, rows, offset }: SizeChange): void {
    viewer.send({ type: 'terminal.resized', channel: this.#channel, cols, rows, offset });
  }
}
