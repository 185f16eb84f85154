import type { SessionClient } from '../../client/index.ts';
import type { Focus, Participant, Role } from '../../protocol/messages/session.ts';
import type { SessionToViewer } from '../../protocol/messages/viewer.ts';
import { comingsAndGoings } from './people.ts';

/** What the page knows of those who are here. Replaced, never changed. */
export interface TogetherState {
  /** Own role here; null before the first welcome. */
  role: Role | null;
  /** Own input stream, by which one is found among the participants; null before the first welcome. */
  stream: number | null;
  participants: Participant[];
  /** Who types, by terminal. */
  typing: Readonly<Record<number, Participant[]>>;
  /** Whose window a terminal's size follows, by terminal; only what is not one's own. */
  sizedBy: Readonly<Record<number, Participant>>;
  /** Stream of whom this page follows. */
  following: number | null;
  /** The last comings and goings, in words. */
  said: string;
}

export const ALONE: TogetherState = {
  ...{ role: null, stream: null, participants: [], typing: {}, sizedBy: {}, following: null, said: '' },
};

/** A focus is told at most this often. */
const FOCUS_EVERY_MS = 250;

/** What {@link Together} needs of the page. */
export interface TogetherPort {
  client(): SessionClient;
  channels(): Iterable<number>;
  changed(state: TogetherState): void;
  /** Looks at a terminal as somebody followed does. */
  lookAt(focus: Focus): void;
}

/** Keeps what the page shows of the others, tells them what this page looks at, and follows one of them. */
export class Together {
  readonly #port: TogetherPort;
  #state: TogetherState = ALONE;
  #typingTimer: ReturnType<typeof setTimeout> | null = null;
  #focus: Focus | null = null;
  #focusTimer: ReturnType<typeof setTimeout> | null = null;

  constructor(port: TogetherPort) {
    this.#port = port;
  }

  get following(): number | null {
    return this.#state.following;
  }

  /** Takes in a message the client has dealt with. */
  message(message: SessionToViewer): void {
    switch (message.type) {
      case 'welcome':
        this.#set({ role: message.role, stream: message.stream });
        return this.#people();
      case 'role':
        return this.#set({ role: message.role });
      case 'participants':
      case 'presence':
        return this.#people();
      case 'activity':
        return this.#typing();
      case 'terminal.sizer':
        return this.#sizers();
      default:
        return;
    }
  }

  /** This page looks at something else now, or further up. Told a moment later. */
  looksAt(focus: Focus | null): void {
    if (same(focus, this.#focus)) return;
    this.#focus = focus;
    this.#focusTimer ??= setTimeout(() => {
      this.#focusTimer = null;
      this.#port.client().lookAt(this.#focus);
    }, FOCUS_EVERY_MS);
  }

  /** From now on this page looks at what somebody looks at. */
  follow(stream: number): void {
    this.#set({ following: stream });
    this.#goAlong();
  }

  /** Follows whoever types, or is here; stops when following already. False: nobody else is here. */
  toggleFollow(): boolean {
    if (this.#state.following !== null) {
      this.unfollow();
      return true;
    }
    const { participants, stream, typing } = this.#state;
    const others = participants.filter((each) => each.stream !== stream);
    const typist = Object.values(typing).flat()[0];
    const leader = typist ?? others.find(({ focus }) => focus !== null) ?? others[0];
    if (leader !== undefined) this.follow(leader.stream);
    return leader !== undefined;
  }

  unfollow(): void {
    if (this.#state.following !== null) this.#set({ following: null });
  }

  /** Starts anew, with another client. */
  reset(): void {
    this.dispose();
    this.#set(ALONE);
  }

  dispose(): void {
    for (const timer of [this.#typingTimer, this.#focusTimer]) if (timer !== null) clearTimeout(timer);
    this.#typingTimer = null;
    this.#focusTimer = null;
  }

  #people(): void {
    const before = this.#state.participants;
    const { participants } = this.#port.client().people;
    const said = before.length === 0 ? '' : comingsAndGoings(before, participants);
    this.#set({ participants, ...(said === '' ? {} : { said }) });
    this.#sizers();
    this.#goAlong();
  }

  /** Who types changes when it is said, and when it was long enough not said again. */
  #typing(): void {
    const nowMs = performance.now();
    const typing: Record<number, Participant[]> = {};
    let nextMs = Infinity;
    for (const channel of this.#port.channels()) {
      const now = this.#port.client().people.typing(channel, nowMs);
      if (now === null) continue;
      typing[channel] = now.who;
      nextMs = Math.min(nextMs, now.nextMs);
    }
    this.#set({ typing });
    if (this.#typingTimer !== null) clearTimeout(this.#typingTimer);
    this.#typingTimer = nextMs === Infinity ? null : setTimeout(() => this.#typing(), nextMs - nowMs + 1);
  }

  #sizers(): void {
    const sizedBy: Record<number, Participant> = {};
    for (const channel of this.#port.channels()) {
      const sizer = this.#port.client().people.sizerOf(channel);
      if (sizer !== null && sizer.stream !== this.#state.stream) sizedBy[channel] = sizer;
    }
    this.#set({ sizedBy });
  }

  #goAlong(): void {
    const { following, participants } = this.#state;
    if (following === null) return;
    const leader = participants.find(({ stream }) => stream === following);
    if (leader === undefined) return this.unfollow();
    if (leader.focus !== null) this.#port.lookAt(leader.focus);
  }

  #set(change: Partial<TogetherState>): void {
    this.#state = { ...this.#state, ...change };
    this.#port.changed(this.#state);
  }
}

function same(a: Focus | null, b: Focus | null): boolean {
  return a?.channel === b?.channel && a?.scrollLines === b?.scrollLines;
}
