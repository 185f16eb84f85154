import { MAX_INPUT_STREAMS } from '../limits.ts';

/** What to do with an arrived Input frame. */
export type InputDecision =
  /** Write `bytes` to the PTY now, in order; then answer InputAck(`applied`). */
  | { kind: 'apply'; bytes: Uint8Array; applied: number }
  /** Seen before: answer InputAck(`applied`), write nothing. */
  | { kind: 'duplicate'; applied: number }
  /** Bytes before it are missing: drop it, and when `signal` answer InputResume(`applied`). */
  | { kind: 'gap'; applied: number; signal: boolean }
  /** Too many streams on this terminal: answer error `limit-exceeded`. */
  | { kind: 'refused' };

interface StreamState {
  applied: number;
  /** Offset of the last frame that was beyond a gap; null while there is none. */
  gapAt: number | null;
}

/**
 * The receiving end of a terminal's input: every client stream is applied once, in order, whatever was resent.
 * One per terminal. A stream never seen stands at 0.
 */
export class InputReceiver {
  readonly #streams = new Map<number, StreamState>();
  readonly #maxStreams: number;

  constructor(maxStreams: number = MAX_INPUT_STREAMS) {
    this.#maxStreams = maxStreams;
  }

  /** Offset up to which `stream` was applied; what InputResume carries in answer to `input.sync`. */
  applied(stream: number): number {
    return this.#streams.get(stream)?.applied ?? 0;
  }

  /** Every stream seen, with the offset up to which it was applied. */
  all(): [stream: number, applied: number][] {
    return [...this.#streams].map(([stream, { applied }]) => [stream, applied]);
  }

  /**
   * Decides on one Input frame and, on `apply`, moves the stream on. A gap is signalled once per sending round:
   * again only when the sender evidently went back and the gap is still there.
   */
  accept(stream: number, offset: number, payload: Uint8Array): InputDecision {
    const state = this.#streams.get(stream) ?? this.#add(stream);
    if (state === null) return { kind: 'refused' };
    if (offset > state.applied) {
      const signal = state.gapAt === null || offset <= state.gapAt;
      state.gapAt = offset;
      return { kind: 'gap', applied: state.applied, signal };
    }
    const end = offset + payload.length;
    if (end <= state.applied) return { kind: 'duplicate', applied: state.applied };
    const bytes = payload.subarray(state.applied - offset);
    state.applied = end;
    state.gapAt = null;
    return { kind: 'apply', bytes, applied: end };
  }

  /**
   * Refusing beyond the bound, rather than forgetting an old stream, is what keeps "applied once" true:
   * a forgotten stream would stand at 0 again.
   */
  #add(stream: number): StreamState | null {
    if (this.#streams.size >= this.#maxStreams) return null;
    const state: StreamState = { applied: 0, gapAt: null };
    this.#streams.set(stream, state);
    return state;
  }
}
