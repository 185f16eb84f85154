import type { QuietTerminal } from '../../protocol/messages/host.ts';
import { encodeFrame, encodeOffset, FrameKind } from '../../protocol/stream/frame.ts';
import { mayRest } from './decisions.ts';
import type { Parts } from './parts.ts';
import type { Rested } from './schema.ts';
import type { ViewerSocket } from './viewer-socket.ts';

/**
 * The rest of a session in which nothing happens: it gives its data link back while viewers and sandbox stay. What the
 * executor said of its terminals is kept, and holds until the next link: so a viewer that comes back to where it was
 * needs no host. Input, a screen to be drawn, or output (announced by the host) end the rest.
 */
export class Rest {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** The executor says that nothing has come or gone for a while, and where each terminal stands. */
  quiet(terminals: QuietTerminal[]): void {
    const { records, terminalRows, host, placement, log } = this.#parts;
    const facts = {
      linkReady: host.ready,
      pendingStop: records.row.pendingStop,
      starting: terminalRows.all().filter(({ state }) => state === 'starting').length,
      sentAgoMs: Date.now() - host.sentAtMs,
      viewersCaughtUp: terminals.every((terminal) => this.#allConsumed(terminal)),
    };
    if (!mayRest(facts)) return;
    placement.rest(() => {
      for (const { channel, outputOffset, inputs } of terminals) {
        terminalRows.update(channel, { rested: { outputOffset, inputs } });
      }
    });
    log('debug', 'resting', { epoch: records.row.epoch });
  }

  /** Where a terminal stands while the session rests; null when it does not rest, or the terminal is of no sandbox. */
  at(channel: number): Rested | null {
    const { placement, terminalRows } = this.#parts;
    return placement.resting ? (terminalRows.get(channel)?.rested ?? null) : null;
  }

  /** Answers in the executor's place where a viewer's input stands: nothing of it is applied during the rest. */
  syncInput(viewer: ViewerSocket, channel: number, stream: number): void {
    const rested = this.at(channel);
    if (rested === null) return;
    const offset = rested.inputs.find(([of]) => of === stream)?.[1] ?? 0;
    const payload = encodeOffset(rested.outputOffset);
    viewer.sendMessage(encodeFrame({ kind: FrameKind.InputResume, channel, stream, offset, payload }));
  }

  #allConsumed({ channel, outputOffset }: QuietTerminal): boolean {
    const attached = this.#parts.hub.get(channel)?.attached.values() ?? [];
    for (const { cursor } of attached) if (cursor.waiting || cursor.acked < outputOffset) return false;
    return true;
  }
}
