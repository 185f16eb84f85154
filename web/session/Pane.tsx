import { useEffect, useRef } from 'react';
import type { TerminalExit } from '../../protocol/messages/session.ts';
import { focus } from '../layout/layout.ts';
import { SizeHint, Typists } from './People.tsx';
import { exitText } from './exit-text.ts';
import type { SessionState, SessionStore } from './session-store.ts';

/** The place of one terminal on the page, and what is said over it when it has ended. */
export function Pane({
  channel,
  store,
  state,
}: {
  channel: number;
  store: SessionStore;
  state: SessionState;
}) {
  const place = useRef<HTMLDivElement>(null);
  const view = store.terminals.views.get(channel);
  const focused = state.layout.focused === channel;
  const exit = state.exits[channel];

  useEffect(() => {
    if (view === undefined || place.current === null) return;
    view.mount(place.current);
    return () => view.unmount();
  }, [view]);

  useEffect(() => {
    // On touch screens the keyboard would cover half the page unasked.
    if (focused && !matchMedia('(pointer: coarse)').matches) view?.focus();
  }, [focused, view]);

  return (
    <div
      className="pane"
      data-testid="terminal"
      data-channel={channel}
      data-focused={focused}
      onPointerDown={() => store.terminals.arrange(focus(store.state().layout, channel))}
    >
      <div className="terminal-place" ref={place} />
      {view === undefined && (
        <p className="placeholder" role="status">
          <span className="spinner" aria-hidden="true" /> Connecting…
        </p>
      )}
      <Typists who={state.together.typing[channel] ?? []} />
      {view !== undefined && exit === undefined && <SizeHint channel={channel} view={view} state={state} />}
      {exit !== undefined && <Ended exit={exit} channel={channel} store={store} />}
    </div>
  );
}

function Ended({ exit, channel, store }: { exit: TerminalExit; channel: number; store: SessionStore }) {
  return (
    <div className="ended" role="status">
      <span>{exitText(exit)}</span>
      <button className="button small primary" onClick={() => void store.terminals.replace(channel)}>
        Start a new shell
      </button>
      <button className="button small" onClick={() => store.terminals.close(channel)}>
        Close
      </button>
    </div>
  );
}
