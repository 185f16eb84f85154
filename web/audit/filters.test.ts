import { expect, test } from 'vitest';
import { AUDIT_ACTIONS } from '../../protocol/audit/actions.ts';
import { AuditQuery } from '../../protocol/audit/query.ts';
import { ACTION_GROUPS, isFiltered, NO_FILTERS, queryOf } from './filters.ts';

test('every action is offered once, below its first part', () => {
  expect(ACTION_GROUPS.flatMap(({ actions }) => actions).toSorted()).toEqual([...AUDIT_ACTIONS].toSorted());
  for (const { prefix, actions } of ACTION_GROUPS)
    for (const action of actions) expect(action.startsWith(prefix)).toBe(true);
});

test('filters are a query the edge takes; empty ones are none', () => {
  expect(queryOf(NO_FILTERS)).toEqual({});
  expect(isFiltered({ ...NO_FILTERS, actor: '  ' })).toBe(false);
  const query = queryOf({
    ...{ action: 'session.', actor: ' ada ', target: '', outcome: 'denied' as const },
    ...{ from: '2026-11-25T00:00', to: '' },
  });
  expect(query).toMatchObject({ action: 'session.', actor: 'ada', outcome: 'denied' });
  expect(AuditQuery.safeParse(query).success).toBe(true);
  for (const { prefix } of ACTION_GROUPS) expect(AuditQuery.safeParse({ action: prefix }).success).toBe(true);
});
