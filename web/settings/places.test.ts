import { expect, test } from 'vitest';
import { SETTINGS_PATHS } from '../app/router.ts';
import { OF_THE_WORKSPACE, placesFor, YOURS } from './places.ts';

test('every page of the settings is in the navigation', () => {
  const shown = [...YOURS, ...OF_THE_WORKSPACE].map(({ page }) => page);
  expect(shown.toSorted()).toEqual(Object.keys(SETTINGS_PATHS).toSorted());
});

test('what only managers may do is shown to managers', () => {
  const pages = (role: Parameters<typeof placesFor>[1]) =>
    placesFor(OF_THE_WORKSPACE, role).map(({ page }) => page);
  expect(pages('admin')).toEqual(OF_THE_WORKSPACE.map(({ page }) => page));
  expect(pages('member')).toEqual(['workspace', 'usage', 'members']);
  expect(pages(null)).toEqual(['workspace', 'usage', 'members']);
});
