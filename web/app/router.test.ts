import { expect, test } from 'vitest';
import { parseRoute, SETTINGS_PATHS } from './router.ts';

const at = (path: string) => parseRoute(new URL(path, 'https://edge.example'));

test('paths lead to pages, unknown ones home', () => {
  expect(at('/s/Zk3x0b1TqQ2mV9cL8sYh4A')).toEqual({ page: 'session', id: 'Zk3x0b1TqQ2mV9cL8sYh4A' });
  expect(at('/settings')).toEqual({ page: 'settings', of: 'account' });
  for (const [of, path] of Object.entries(SETTINGS_PATHS)) expect(at(path)).toEqual({ page: 'settings', of });
  for (const path of ['/', '/s/short', '/settings/none', '/share/x'])
    expect(at(path)).toEqual({ page: 'home' });
});

test('secrets of links are read from the fragment and nowhere else', () => {
  expect(at('/share#abc')).toEqual({ page: 'link', kind: 'share', secret: 'abc' });
  expect(at('/invitation#abc')).toEqual({ page: 'link', kind: 'invitation', secret: 'abc' });
  expect(at('/share?token=abc#')).toEqual({ page: 'link', kind: 'share', secret: null });
});

test('the page to sign in gets a link’s token, that for a command line its code', () => {
  expect(at('/sign-in?token=abc')).toEqual({ page: 'sign-in', token: 'abc', ask: false });
  expect(at('/sign-in?token=abc&ask=')).toEqual({ page: 'sign-in', token: 'abc', ask: true });
  expect(at('/device?code=ABCD-EFGH')).toEqual({ page: 'device', code: 'ABCD-EFGH' });
});
