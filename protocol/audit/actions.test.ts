import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { AUDIT_ACTIONS } from './actions.ts';

it('are told of, each, where people read what is logged', () => {
  const text = readFileSync(join(import.meta.dirname, '../../docs/audit.md'), 'utf8');
  expect(AUDIT_ACTIONS.filter((action) => !text.includes(`\`${action}\``))).toEqual([]);
});
