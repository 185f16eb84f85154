import { expect, test } from 'vitest';
import { WorkspaceRole } from '../../protocol/messages/workspace.ts';
import { assignable, manages, ROLE_WORDS, sortMembers } from './roles.ts';

test('only owners make and unmake owners; members change nobody', () => {
  expect(assignable('owner', 'owner')).toContain('owner');
  expect(assignable('admin', 'owner')).toEqual([]);
  expect(assignable('admin', 'member')).toEqual(['admin', 'member', 'viewer']);
  for (const role of ['member', 'viewer'] as const) expect(assignable(role, 'viewer')).toEqual([]);
  expect(WorkspaceRole.options.filter(manages)).toEqual(['owner', 'admin']);
  expect(Object.keys(ROLE_WORDS)).toEqual(WorkspaceRole.options);
});

test('members are listed with oneself first, then by role and name', () => {
  const member = (userId: string, role: WorkspaceRole, displayName: string | null = null) => ({
    ...{ userId, role, displayName, addedAt: '2026-01-01T00:00:00Z' },
  });
  const all = [
    member('v', 'viewer'),
    member('b', 'admin', 'Zoe'),
    member('a', 'admin', 'Ann'),
    member('me', 'member'),
  ];
  expect(sortMembers(all, 'me').map(({ userId }) => userId)).toEqual(['me', 'a', 'b', 'v']);
  expect(sortMembers(all, null).map(({ userId }) => userId)).toEqual(['a', 'b', 'me', 'v']);
});
