import { expect, test } from 'vitest';
import { isSettingsKey, shortcutOf } from './shortcuts.ts';

const key = (code: string, modifiers: string[] = []) => ({
  code,
  altKey: modifiers.includes('alt'),
  ctrlKey: modifiers.includes('control'),
  metaKey: false,
  shiftKey: modifiers.includes('shift'),
});

test('shortcuts are found, by place of the key', () => {
  expect(shortcutOf(key('KeyN', ['alt', 'shift']))).toEqual({ kind: 'new-terminal' });
  expect(shortcutOf(key('Digit3', ['alt', 'shift']))).toEqual({ kind: 'tab', index: 2 });
  expect(shortcutOf(key('KeyF', ['control', 'shift']))).toEqual({ kind: 'find' });
  expect(shortcutOf(key('Minus', ['control']))).toEqual({ kind: 'font', change: -1 });
});

test('what a shell needs stays with the shell', () => {
  for (const code of ['KeyC', 'KeyF', 'KeyR', 'KeyW', 'KeyD', 'ArrowLeft']) {
    expect(shortcutOf(key(code, ['control']))).toBeNull();
    expect(shortcutOf(key(code, ['alt']))).toBeNull();
    expect(shortcutOf(key(code))).toBeNull();
  }
});

test('the settings have a key of their own', () => {
  expect(isSettingsKey(key('KeyS', ['alt', 'shift']))).toBe(true);
  expect(isSettingsKey(key('KeyS', ['alt']))).toBe(false);
  expect(isSettingsKey(key('KeyS', ['control']))).toBe(false);
});
