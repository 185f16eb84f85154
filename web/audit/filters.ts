import { AUDIT_ACTIONS } from '../../protocol/audit/actions.ts';
import type { AuditOutcome } from '../../protocol/audit/entry.ts';
import type { AuditQuery } from '../../protocol/audit/query.ts';

/** What the person filters by, as the form holds it; empty texts are none. */
export interface Filters {
  /** An action, or the first part of some with its dot. */
  action: string;
  actor: string;
  target: string;
  outcome: AuditOutcome | '';
  /** As `datetime-local` has it, by the clocks of whoever looks. */
  from: string;
  to: string;
}

export const NO_FILTERS: Filters = { action: '', actor: '', target: '', outcome: '', from: '', to: '' };

/** Actions by the thing they are done to, in the order of the list. */
export const ACTION_GROUPS: readonly { prefix: string; actions: string[] }[] = [
  ...Map.groupBy(AUDIT_ACTIONS, (action) => `${action.split('.')[0] ?? ''}.`),
].map(([prefix, actions]) => ({ prefix, actions }));

/** The query for a page of what the filters let through. */
export function queryOf(filters: Filters): AuditQuery {
  const { outcome, from, to } = filters;
  const texts = (['action', 'actor', 'target'] as const).flatMap((name) => {
    const text = filters[name].trim();
    return text === '' ? [] : [[name, text] as const];
  });
  return {
    ...Object.fromEntries(texts),
    ...(outcome === '' ? {} : { outcome }),
    ...(from === '' ? {} : { from: new Date(from).toISOString() }),
    ...(to === '' ? {} : { to: new Date(to).toISOString() }),
  };
}

/** Whether anything is filtered. */
export function isFiltered(filters: Filters): boolean {
  return Object.keys(queryOf(filters)).length > 0;
}
