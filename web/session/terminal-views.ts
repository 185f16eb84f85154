import type { TerminalStream } from '../../client/terminal-stream.ts';
import type { TerminalExit } from '../../protocol/messages/session.ts';
import { type SharedState, terminalsOf } from '../../protocol/sync/shared-state.ts';
import { TerminalView } from '../terminal/terminal-view.ts';

/** What terminals on the page tell of themselves, by channel. */
export interface TerminalNews {
  titled(channel: number, title: string): void;
  exited(channel: number, exit: TerminalExit): void;
  focused(channel: number): void;
  /** A key was pressed; `typed` false: where one may not type. */
  key(typed: boolean): void;
  scrolled(): void;
  notice(text: string): void;
}

/** The terminals of one session that are on the page. */
export class TerminalViews {
  readonly byChannel = new Map<number, TerminalView>();
  readonly #news: TerminalNews;
  /** Closed here; the session may still list them for a moment. */
  readonly #closed = new Set<number>();

  constructor(news: TerminalNews) {
    this.#news = news;
  }

  /** A view of a terminal; `channel` is asked when there is news of it, by when it is known. */
  make(channel: () => number): TerminalView {
    return new TerminalView({
      title: (title) => this.#news.titled(channel(), title),
      exited: (exit) => {
        if (this.byChannel.has(channel())) this.#news.exited(channel(), exit);
      },
      focused: () => this.#news.focused(channel()),
      key: (typed) => this.#news.key(typed),
      scrolled: () => this.#news.scrolled(),
      notice: (notice) => this.#news.notice(notice),
    });
  }

  add(view: TerminalView, stream: TerminalStream): void {
    this.byChannel.set(stream.channel, view);
    view.bind(stream);
  }

  /** Terminals that run, also those that somebody else opened, and are not on the page yet. */
  missing(shared: SharedState): number[] {
    return terminalsOf(shared).flatMap(({ channel, state }) =>
      state === 'exited' || this.byChannel.has(channel) || this.#closed.has(channel) ? [] : [channel],
    );
  }

  /** Takes a terminal off the page for good. */
  close(channel: number): void {
    this.#closed.add(channel);
    this.byChannel.get(channel)?.dispose();
    this.byChannel.delete(channel);
  }

  /** Takes all off the page; they may come again. */
  clear(): void {
    for (const view of this.byChannel.values()) view.dispose();
    this.byChannel.clear();
  }
}
