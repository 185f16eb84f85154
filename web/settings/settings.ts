import { useSyncExternalStore } from 'react';
import { PREDICTION_SETTINGS, type PredictionSetting } from '../../client/prediction/policy.ts';

/** What a person chose; kept in this browser. */
export interface Settings {
  theme: 'auto' | 'light' | 'dark';
  /** CSS pixels. */
  fontSizePx: number;
  screenReader: boolean;
  /** Whether typed keys are shown before the server has echoed them. */
  prediction: PredictionSetting;
}

export const MIN_FONT_PX = 8;
export const MAX_FONT_PX = 32;
export const DEFAULT_SETTINGS: Settings = {
  theme: 'auto',
  fontSizePx: 14,
  screenReader: false,
  prediction: 'auto',
};
const KEY = 'alex.settings';

const listeners = new Set<() => void>();
let current = read();

/** The settings now. */
export function settings(): Settings {
  return current;
}

/** Changes some, keeps them, and tells everyone. */
export function changeSettings(change: Partial<Settings>): void {
  const fontSizePx = Math.min(MAX_FONT_PX, Math.max(MIN_FONT_PX, change.fontSizePx ?? current.fontSizePx));
  current = { ...current, ...change, fontSizePx };
  localStorage.setItem(KEY, JSON.stringify(current));
  applySettings();
}

/** Whether dark colours are shown. */
export function isDark(): boolean {
  if (current.theme !== 'auto') return current.theme === 'dark';
  return !matchMedia('(prefers-color-scheme: light)').matches;
}

/** Puts the theme on the document and tells listeners. */
export function applySettings(): void {
  document.documentElement.dataset['theme'] = isDark() ? 'dark' : 'light';
  for (const listener of listeners) listener();
}

/** Calls back whenever settings or the system's theme change. Out: how to stop. */
export function onSettings(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export function useSettings(): Settings {
  return useSyncExternalStore(onSettings, settings);
}

matchMedia('(prefers-color-scheme: light)').addEventListener('change', applySettings);

function read(): Settings {
  try {
    const stored: unknown = JSON.parse(localStorage.getItem(KEY) ?? '{}');
    return merge(stored);
  } catch {
    return DEFAULT_SETTINGS;
  }
}

/** Takes what is valid of a stored value. */
function merge(stored: unknown): Settings {
  const value: Partial<Record<keyof Settings, unknown>> =
    typeof stored === 'object' && stored !== null ? stored : {};
  const { theme, fontSizePx, screenReader, prediction } = value;
  return {
    theme: theme === 'light' || theme === 'dark' ? theme : 'auto',
    fontSizePx:
      typeof fontSizePx === 'number' && fontSizePx >= MIN_FONT_PX && fontSizePx <= MAX_FONT_PX
        ? fontSizePx
        : DEFAULT_SETTINGS.fontSizePx,
    screenReader: screenReader === true,
    prediction: PREDICTION_SETTINGS.find((setting) => setting === prediction) ?? DEFAULT_SETTINGS.prediction,
  };
}
