import { activate, cycle } from '../layout/layout.ts';
import { changeSettings, DEFAULT_SETTINGS, settings } from '../settings/settings.ts';
import type { SessionStore } from './session-store.ts';
import type { Action } from './shortcuts.ts';

/** Does what a shortcut asks for, to the terminal that has the keyboard. Finding and the people panel belong to the view. */
export function perform(action: Action, store: SessionStore): void {
  const { terminals } = store;
  const { layout } = terminals.state;
  switch (action.kind) {
    case 'new-terminal':
      return void terminals.open('tab');
    case 'split-right':
      return void terminals.open('row');
    case 'split-down':
      return void terminals.open('column');
    case 'close':
      return layout.focused === null ? undefined : terminals.close(layout.focused);
    case 'next':
      return terminals.arrange(cycle(layout, 1));
    case 'previous':
      return terminals.arrange(cycle(layout, -1));
    case 'tab':
      return terminals.arrange(activate(layout, action.index));
    case 'copy':
      return terminals.focused?.copy();
    case 'paste':
      return terminals.focused?.paste();
    case 'font':
      return changeSettings({
        fontSizePx: action.change === 0 ? DEFAULT_SETTINGS.fontSizePx : settings().fontSizePx + action.change,
      });
    case 'follow':
      return void store.together.toggleFollow();
    case 'people':
    case 'find':
      return;
  }
}
