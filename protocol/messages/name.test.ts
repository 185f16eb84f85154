import { expect, it } from 'vitest';
import { DisplayName } from './account.ts';
import { ApiKeyName } from './api-key.ts';
import { nameOf } from './name.ts';
import { DeviceName, UserId } from './session.ts';
import { GuestName } from './share-link.ts';
import { WorkspaceName } from './workspace.ts';

const NAMES = { DisplayName, ApiKeyName, GuestName, WorkspaceName, plain: nameOf(64) };
const DECEIVING = [
  'a\u001b[2Jb',
  'a\u009b2Jb',
  'a\nb',
  'a\u2028b',
  'a\u202Eb',
  'a\u2066b',
  'a\u200Fb',
  'a\u061Cb',
];
const INVISIBLE = ['', ' ', '\u200B', '\u2060\u200D', '\u3164', '\u2800', '\u115F\u1160', '\u0301'];
const HONEST = ['Ada', 'Ада Лавлейс', 'عائشة', 'می\u200Cخواهم', '李', '👩\u200D💻', "O'Brien", '-', '한국'];

it.each(Object.entries(NAMES))(
  '%s takes names of all writings, and none that shows as another or as nothing',
  (_, name) => {
    for (const text of HONEST) expect(name.safeParse(text).success, text).toBe(true);
    for (const text of [...DECEIVING, ...INVISIBLE])
      expect(name.safeParse(text).success, JSON.stringify(text)).toBe(false);
  },
);

it.each(Object.entries({ DeviceName, UserId }))('%s is one line that shows as what it is', (_, schema) => {
  for (const text of DECEIVING) expect(schema.safeParse(text).success, JSON.stringify(text)).toBe(false);
});
