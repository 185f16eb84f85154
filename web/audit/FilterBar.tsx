import { type FormEvent, useState } from 'react';
import { AuditOutcome } from '../../protocol/audit/entry.ts';
import { Field, Select } from '../ui/Field.tsx';
import { ACTION_GROUPS, type Filters, isFiltered, NO_FILTERS } from './filters.ts';

const OUTCOMES: readonly (readonly [AuditOutcome | '', string])[] = [
  ['', 'any'],
  ...AuditOutcome.options.map((outcome) => [outcome, outcome] as const),
];

/** What to look for. Applied by its button or Enter, so that typing asks nothing of the edge. */
export function FilterBar(props: {
  filters: Filters;
  onChange: (filters: Filters) => void;
  onRefresh: () => void;
}) {
  const [draft, setDraft] = useState(props.filters);
  const change = (some: Partial<Filters>): void => setDraft({ ...draft, ...some });
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    if (draft === props.filters) props.onRefresh();
    else props.onChange(draft);
  };
  return (
    <form className="filters" onSubmit={submit} role="search" aria-label="Filter the audit log">
      <Field label="Action">
        {(control) => (
          <select
            {...control}
            className="select"
            value={draft.action}
            onChange={({ target }) => change({ action: target.value })}
          >
            <option value="">any</option>
            {ACTION_GROUPS.map(({ prefix, actions }) => (
              <optgroup key={prefix} label={prefix.slice(0, -1)}>
                <option value={prefix}>{prefix}*</option>
                {actions.map((action) => (
                  <option key={action}>{action}</option>
                ))}
              </optgroup>
            ))}
          </select>
        )}
      </Field>
      <Field label="Outcome">
        {(control) => (
          <Select
            {...control}
            value={draft.outcome}
            options={OUTCOMES}
            onChoose={(outcome) => change({ outcome })}
          />
        )}
      </Field>
      {(['actor', 'target'] as const).map((name) => (
        <Field key={name} label={name === 'actor' ? 'Who (user id)' : 'What (id)'}>
          {(control) => (
            <input
              {...control}
              maxLength={200}
              autoComplete="off"
              spellCheck={false}
              value={draft[name]}
              onChange={({ target }) => change({ [name]: target.value })}
            />
          )}
        </Field>
      ))}
      {(['from', 'to'] as const).map((name) => (
        <Field key={name} label={name === 'from' ? 'From' : 'Before'}>
          {(control) => (
            <input
              {...control}
              type="datetime-local"
              value={draft[name]}
              onChange={({ target }) => change({ [name]: target.value })}
            />
          )}
        </Field>
      ))}
      <div className="filter-buttons">
        <button className="button">{draft === props.filters ? 'Refresh' : 'Apply'}</button>
        {isFiltered(props.filters) && (
          <button
            type="button"
            className="button"
            onClick={() => {
              setDraft(NO_FILTERS);
              props.onChange(NO_FILTERS);
            }}
          >
            Clear
          </button>
        )}
      </div>
    </form>
  );
}
