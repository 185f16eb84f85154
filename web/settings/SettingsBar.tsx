import { changeSettings, type Settings, useSettings } from './settings.ts';

const NEXT: Record<Settings['theme'], Settings['theme']> = { auto: 'light', light: 'dark', dark: 'auto' };
const ICON: Record<Settings['theme'], string> = { auto: '◐', light: '☀', dark: '☾' };

/** Theme, font size, help: at the foot of the sidebar. */
export function SettingsBar({ onHelp }: { onHelp: () => void }) {
  const { theme, fontSizePx } = useSettings();
  return (
    <footer className="settings-bar">
      <button
        className="icon-button"
        aria-label={`Theme: ${theme}. Change to ${NEXT[theme]}`}
        title={`Theme: ${theme}`}
        onClick={() => changeSettings({ theme: NEXT[theme] })}
      >
        {ICON[theme]}
      </button>
      <span className="spacer" />
      <button className="icon-button" aria-label="Smaller text" onClick={() => changeSettings({ fontSizePx: fontSizePx - 1 })}>
        A−
      </button>
      <output className="font-size" aria-label="Font size">
        {fontSizePx}
      </output>
      <button className="icon-button" aria-label="Larger text" onClick={() => changeSettings({ fontSizePx: fontSizePx + 1 })}>
        A+
      </button>
      <span className="spacer" />
      <button className="icon-button" aria-label="Keyboard shortcuts" title="Keyboard shortcuts (F1)" onClick={onHelp}>
        ?
      </button>
    </footer>
  );
}
