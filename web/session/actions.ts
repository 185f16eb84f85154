import { activate, cycle } from '../layout/layout.ts';
import { changeSettings, DEFAULT_SETTINGS, settings } from '../settings/settings.ts';
import type { SessionStore } from './session-store.ts';
import type { Action } from './shortcuts.ts';

/** Does what a shortcut asks for, to the terminal that has the keyboard. Finding and the people panel belong to the view. */
export function perform(action: Action, store: SessionStore): void {
  const { layout } = store.state();
  const view = layout.focused === null ? undefined : store.views.get(layout.focused);
  switch (action.kind) {
    case 'new-terminal':
      return void store.open('tab');
    case 'split-right':
      return void store.open('row');
    case 'split-down':
      return void store.open('column');
    case 'close':
      return layout.focused === null ? undefined : store.close(layout.focused);
    case 'next':
      return store.setLayout(cycle(layout, 1));
    case 'previous':
      return store.setLayout(cycle(layout, -1));
    case 'tab':
      return store.setLayout(activate(layout, action.index));
    case 'copy':
      return view?.copy();
    case 'paste':
      return view?.paste();
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
