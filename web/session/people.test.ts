import { expect, it } from 'vitest';
import type { Participant } from '../../protocol/messages/session.ts';
import { comingsAndGoings, initialsOf, namesOf, personsOf } from './people.ts';

const device = (stream: number, userId: string, displayName = userId): Participant => ({
  ...{ stream, clientId: `client-${stream}`, userId, displayName, device: null, role: 'editor' },
  ...{ color: 0, connectedAt: '2026-01-01T00:00:00.000Z', focus: null },
});
const member = (userId: string, displayName: string | null = null) => ({
  ...{ userId, displayName, role: 'viewer' as const, linkId: null, addedAt: '2026-01-01T00:00:00.000Z' },
});

it('several devices are one person; oneself comes first, who is away last', () => {
  const persons = personsOf(
    [device(1, 'bob', 'Bob'), device(2, 'ada'), device(3, 'bob', 'Bob')],
    { away: member('away'), bob: member('bob', 'Bob'), ada: member('ada') },
    'ada',
  );
  expect(persons.map(({ name, devices, self }) => [name, devices.length, self])).toEqual([
    ['ada', 1, true],
    ['Bob', 2, false],
    ['away', 0, false],
  ]);
});

it('initials', () => {
  expect(['Ada Lovelace', 'bob', 'grace.hopper', '  ', 'élan'].map(initialsOf)).toEqual([
    'AL',
    'B',
    'GH',
    '?',
    'É',
  ]);
});

it('names', () => {
  const named = (...names: string[]) => namesOf(names.map((displayName) => ({ displayName })));
  expect([named('A'), named('A', 'A'), named('A', 'B'), named('A', 'B', 'C')]).toEqual([
    ...['A', 'A', 'A and B', 'A and 2 others'],
  ]);
});

it('comings and goings are of people, not of devices', () => {
  const [ada, bob, bobToo] = [device(1, 'ada'), device(2, 'bob'), device(3, 'bob')];
  expect(comingsAndGoings([ada], [ada, bob])).toBe('bob joined.');
  expect(comingsAndGoings([ada, bob], [ada, bob, bobToo])).toBe('');
  expect(comingsAndGoings([ada, bob], [bobToo])).toBe('ada left.');
});
