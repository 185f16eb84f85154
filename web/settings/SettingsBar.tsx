import { navigate, SETTINGS_PATHS } from '../app/router.ts';
import type { IconName } from '../ui/Icon.tsx';
import { IconButton } from '../ui/IconButton.tsx';
import { changeSettings, type Settings, useSettings } from './settings.ts';

const NEXT: Record<Settings['theme'], Settings['theme']> = { auto: 'light', light: 'dark', dark: 'auto' };
const ICON: Record<Settings['theme'], IconName> = { auto: 'auto', light: 'sun', dark: 'moon' };

/** Theme, font size, settings, help: at the foot of the sidebar. */
export function SettingsBar({ onHelp }: { onHelp: () => void }) {
  const { theme, fontSizePx } = useSettings();
  return (
    <footer className="settings-bar">
      <IconButton
        icon={ICON[theme]}
        label={`Theme: ${theme}. Change to ${NEXT[theme]}`}
        onClick={() => changeSettings({ theme: NEXT[theme] })}
      />
      <span className="spacer" />
      <button
        className="icon-button"
        aria-label="A− smaller text"
        onClick={() => changeSettings({ fontSizePx: fontSizePx - 1 })}
      >
        A−
      </button>
      <output className="font-size" aria-label="Font size">
        {fontSizePx}
      </output>
      <button
        className="icon-button"
        aria-label="A+ larger text"
        onClick={() => changeSettings({ fontSizePx: fontSizePx + 1 })}
      >
        A+
      </button>
      <span className="spacer" />
      <IconButton
        icon="gear"
        label="Settings"
        hint="Alt Shift S"
        onClick={() => navigate(SETTINGS_PATHS.account)}
      />
      <IconButton icon="help" label="Keyboard shortcuts" hint="F1" onClick={onHelp} />
    </footer>
  );
}
