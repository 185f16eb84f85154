import type { Participant } from '../protocol/messages/session.ts';
import type { SessionToViewer } from '../protocol/messages/viewer.ts';

/** Who is in a session, as its messages tell: who is here, who types where, whose window a terminal's size follows. */
export class People {
  #here = new Map<number, Participant>();
  /** By channel and stream: until when somebody counts as typing, by the clock given to {@link apply}. */
  readonly #typingUntilMs = new Map<number, Map<number, number>>();
  readonly #sizers = new Map<number, number>();

  /** Everybody here, in the order they came. */
  get participants(): Participant[] {
    return [...this.#here.values()];
  }

  /** Who types in a terminal at `nowMs`, and when the first of them stops counting as typing; null: nobody does. */
  typing(channel: number, nowMs: number): { who: Participant[]; nextMs: number } | null {
    const entries = [...(this.#typingUntilMs.get(channel) ?? [])].filter(([, untilMs]) => untilMs > nowMs);
    const who = entries.flatMap(([stream]) => this.#here.get(stream) ?? []);
    return who.length === 0 ? null : { who, nextMs: Math.min(...entries.map(([, untilMs]) => untilMs)) };
  }

  /** Whose window the terminal's size follows; null: nobody's, or not known. */
  sizerOf(channel: number): Participant | null {
    const stream = this.#sizers.get(channel);
    return stream === undefined ? null : (this.#here.get(stream) ?? null);
  }

  /**
   * Takes in a message of the session; those about other things change nothing. `nowMs`: a clock that only goes forward.
   * False when the list cannot be right any more: ask for all of it (`participants.get`).
   */
  apply(message: SessionToViewer, nowMs: number): boolean {
    switch (message.type) {
      case 'welcome':
        this.#typingUntilMs.clear();
        this.#sizers.clear();
        this.#replace(message.participants);
        return true;
      case 'participants':
        this.#replace(message.participants);
        return true;
      case 'presence':
        for (const stream of message.left) this.#here.delete(stream);
        for (const each of message.here) this.#here.set(each.stream, each);
        return this.#here.size === message.count;
      case 'activity': {
        const typing = this.#typingUntilMs.get(message.channel) ?? new Map<number, number>();
        typing.set(message.stream, nowMs + message.forMs);
        for (const [stream, untilMs] of typing) if (untilMs <= nowMs) typing.delete(stream);
        this.#typingUntilMs.set(message.channel, typing);
        return true;
      }
      case 'terminal.sizer':
        if (message.stream === null) this.#sizers.delete(message.channel);
        else this.#sizers.set(message.channel, message.stream);
        return true;
      default:
        return true;
    }
  }

  #replace(participants: Participant[]): void {
    this.#here = new Map(participants.map((each) => [each.stream, each]));
  }
}
