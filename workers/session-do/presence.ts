import { ACTIVITY_EVERY_MS, ACTIVITY_SHOWN_MS, PRESENCE_EVERY_MS } from '../../protocol/limits.ts';
import type { Participant } from '../../protocol/messages/session.ts';
import type { Parts } from './parts.ts';
import type { ViewerCursor } from './viewer-cursor.ts';
import type { ViewerSocket } from './viewer-socket.ts';

/**
 * Tells those who are here of each other. Nothing of it is stored. The first change is told at once and those of the
 * next moment together, so that a crowd coming in costs each viewer a few messages and not one per newcomer.
 */
export class Presence {
  readonly #parts: Parts;
  /** Streams of participants who came, changed or left since it was last told. */
  readonly #changed = new Set<number>();
  #pause: ReturnType<typeof setTimeout> | null = null;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** A participant came, left, or is seen differently now. */
  changed(viewer: ViewerSocket): void {
    if (viewer.client === null) return;
    this.#changed.add(viewer.client.stream);
    if (this.#pause === null) this.#tell();
  }

  /** Somebody typed. On the path of every keystroke: tells the others once in a while. */
  typed(channel: number, viewer: ViewerSocket, cursor: ViewerCursor): void {
    const nowMs = Date.now();
    if (nowMs < cursor.tellTypingAtMs || viewer.client === null) return;
    cursor.tellTypingAtMs = nowMs + ACTIVITY_EVERY_MS;
    const { stream } = viewer.client;
    this.#parts.participants.broadcast(
      { type: 'activity', channel, stream, forMs: ACTIVITY_SHOWN_MS },
      viewer,
    );
  }

  #tell(): void {
    const { participants } = this.#parts;
    const all = new Map(participants.list().map((each) => [each.stream, each]));
    const here: Participant[] = [];
    const left: number[] = [];
    for (const stream of this.#changed) {
      const participant = all.get(stream);
      if (participant === undefined) left.push(stream);
      else here.push(participant);
    }
    // Whoever comes alone knows it from its welcome.
    const [only] = this.#changed.size === 1 ? this.#changed : [];
    const self = [...participants.present()].find(({ client }) => client?.stream === only);
    this.#changed.clear();
    participants.broadcast({ type: 'presence', here, left, count: all.size }, self);
    this.#pause = setTimeout(() => {
      this.#pause = null;
      if (this.#changed.size > 0) this.#tell();
    }, PRESENCE_EVERY_MS);
  }
}
