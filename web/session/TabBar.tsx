import type { KeyboardEvent } from 'react';
import { activate, channelsOf, type Tree } from '../layout/layout.ts';
import { IconButton } from '../ui/IconButton.tsx';
import { TypingDots } from './People.tsx';
import type { SessionState, SessionStore } from './session-store.ts';

/** The tabs of a session, and buttons for new terminals. */
export function TabBar({ store, state }: { store: SessionStore; state: SessionState }) {
  const { layout } = state;
  const watching = state.together.role === 'viewer';
  const show = (index: number): void => store.terminals.arrange(activate(layout, index));
  const close = (tree: Tree): void => channelsOf(tree).forEach((channel) => store.terminals.close(channel));
  const onKey = (event: KeyboardEvent<HTMLElement>): void => {
    const shown = layout.tabs[layout.active];
    if (event.key === 'Delete' && shown !== undefined) return close(shown);
    const step = event.key === 'ArrowRight' ? 1 : event.key === 'ArrowLeft' ? -1 : 0;
    if (step === 0) return;
    const next = (layout.active + step + layout.tabs.length) % layout.tabs.length;
    show(next);
    event.currentTarget.querySelectorAll<HTMLElement>('[role=tab]')[next]?.focus();
  };
  return (
    <div className="tabs">
      <div role="tablist" aria-label="Terminals" className="tab-list" onKeyDown={onKey}>
        {layout.tabs.map((tree, index) => {
          const title = titleOf(tree, state);
          const active = index === layout.active;
          return (
            <div key={channelsOf(tree)[0]} className="tab" data-active={active} role="presentation">
              <button
                role="tab"
                aria-selected={active}
                aria-keyshortcuts="Delete"
                tabIndex={active ? 0 : -1}
                onClick={() => show(index)}
                title={title}
              >
                <span className="tab-title">{title}</span>
                <TypingDots
                  who={channelsOf(tree).flatMap((channel) => state.together.typing[channel] ?? [])}
                />
              </button>
              {/* For the mouse: a list of tabs may hold nothing but tabs; the keyboard has Delete. */}
              <IconButton
                disabled={watching}
                icon="close"
                label={`Close ${title}`}
                aria-hidden="true"
                tabIndex={-1}
                onClick={() => close(tree)}
              />
            </div>
          );
        })}
      </div>
      <IconButton
        icon="plus"
        label="New terminal"
        hint="Alt Shift N"
        data-testid="new-terminal"
        disabled={state.opening > 0 || watching}
        onClick={() => void store.terminals.open('tab')}
      />
      <span className="split-buttons">
        <IconButton
          icon="splitRight"
          label="Split to the right"
          hint="Alt Shift R"
          disabled={watching}
          onClick={() => void store.terminals.open('row')}
        />
        <IconButton
          icon="splitDown"
          label="Split downwards"
          hint="Alt Shift D"
          disabled={watching}
          onClick={() => void store.terminals.open('column')}
        />
      </span>
    </div>
  );
}

/** What the program in the tab calls itself; several terminals are counted. */
function titleOf(tree: Tree, { titles, shared, layout }: SessionState): string {
  const channels = channelsOf(tree);
  const channel = channels.find((one) => one === layout.focused) ?? channels[0] ?? 0;
  const given = shared?.terminals[channel]?.title ?? '';
  const title = titles[channel] ?? (given === '' ? `Terminal ${channel}` : given);
  return channels.length > 1 ? `${title} +${channels.length - 1}` : title;
}
