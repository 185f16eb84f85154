import { expect, test } from 'vitest';
import { type AuditRow, EMPTY_HEAD, rowAfter } from '../../protocol/audit/row.ts';
import { verifyRows } from './chain.ts';

function log(count: number): AuditRow[] {
  const rows: AuditRow[] = [];
  for (let n = 0; n < count; n += 1) {
    const entry = {
      ...{
        id: `entry-${String(n).padStart(12, '0')}`,
        workspaceId: 'w',
        atMs: n,
        action: 'key.create' as const,
      },
      ...{ actor: { userId: 'ada', credential: null }, target: { kind: 'api-key', id: String(n) } },
      ...{ outcome: 'allowed' as const, reason: null, detail: {}, requestId: null, address: null },
    };
    rows.unshift(rowAfter(rows[0] ?? EMPTY_HEAD, entry));
  }
  return rows;
}

test('a whole chain holds, one with gaps as far as it goes', () => {
  const rows = log(5);
  expect(verifyRows(rows)).toEqual({ broken: null, links: 4 });
  expect(verifyRows(rows.filter(({ seq }) => seq !== 3))).toEqual({ broken: null, links: 2 });
  expect(verifyRows([])).toEqual({ broken: null, links: 0 });
});

test('a changed row is named, and one that was made to fit its own hash by its neighbour', () => {
  const rows = log(5);
  const change = (row: AuditRow): AuditRow => ({ ...row, outcome: 'denied' });
  expect(verifyRows(rows.map((row) => (row.seq === 3 ? change(row) : row))).broken).toBe(3);
  const forged = log(6)
    .slice(1)
    .map((row) => ({ ...row }));
  const other = rowAfter(
    { seq: 2, hash: '1'.repeat(64) },
    {
      ...{ id: 'another-entry-00', workspaceId: 'w', atMs: 9, action: 'key.revoke' as const },
      ...{ actor: { userId: 'eve', credential: null }, target: { kind: 'api-key', id: '2' } },
      ...{ outcome: 'allowed' as const, reason: null, detail: {}, requestId: null, address: null },
    },
  );
  expect(verifyRows(forged.map((row) => (row.seq === 3 ? other : row))).broken).not.toBeNull();
});
