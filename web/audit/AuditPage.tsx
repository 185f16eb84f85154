import { useCallback, useMemo, useState } from 'react';
import { AuditApi } from '../../client/api-audit.ts';
import type { AuditRow } from '../../protocol/audit/row.ts';
import type { Workspace } from '../../protocol/messages/workspace.ts';
import { api } from '../app/api.ts';
import { Icon } from '../ui/Icon.tsx';
import { Page, Section } from '../ui/Page.tsx';
import { save } from '../ui/save.ts';
import { Empty, Problem, WhenLoaded } from '../ui/States.tsx';
import { toast } from '../ui/toast.ts';
import { useAction, useLoaded } from '../ui/use-loaded.ts';
import { AuditTable } from './AuditTable.tsx';
import { verifyRows } from './chain.ts';
import { FilterBar } from './FilterBar.tsx';
import { type Filters, isFiltered, NO_FILTERS, queryOf } from './filters.ts';

const auditApi = new AuditApi(api.transport);

interface Read {
  rows: AuditRow[];
  nextCursor: number | null;
}

/** What was done in the workspace and what was refused, newest first. */
export function AuditPage({ workspace }: { workspace: Workspace }) {
  const [filters, setFilters] = useState<Filters>(NO_FILTERS);
  const { loaded, reload, put } = useLoaded(
    useCallback((): Promise<Read> => auditApi.list(queryOf(filters)), [filters]),
  );
  const older = useAction();

  const readOlder = (read: Read): void =>
    void older.run(async () => {
      if (read.nextCursor === null) return;
      const page = await auditApi.list({ ...queryOf(filters), cursor: read.nextCursor });
      put({ rows: [...read.rows, ...page.rows], nextCursor: page.nextCursor });
    });

  return (
    <Page
      wide
      title="Audit log"
      lead={<>Every privileged act in “{workspace.name}”, and what was refused; reading the log as well.</>}
    >
      <Section title="Entries" actions={<Exports workspaceId={workspace.id} />}>
        <FilterBar filters={filters} onChange={setFilters} onRefresh={reload} />
        <WhenLoaded of={loaded} onRetry={reload}>
          {(read) => (
            <>
              {read.rows.length === 0 ? (
                <Empty icon="list" title="No entries">
                  {isFiltered(filters)
                    ? 'Nothing read so far is like this. Widen the filters, or look further back.'
                    : ''}
                </Empty>
              ) : (
                <AuditTable rows={read.rows} />
              )}
              <Problem error={older.error} />
              <footer className="list-foot">
                <Chain rows={read.rows} />
                {read.nextCursor === null ? (
                  <span className="hint">That is the beginning of the log.</span>
                ) : (
                  <button
                    type="button"
                    className="button"
                    disabled={older.busy}
                    onClick={() => readOlder(read)}
                  >
                    {older.busy ? 'Reading…' : 'Show older entries'}
                  </button>
                )}
              </footer>
            </>
          )}
        </WhenLoaded>
      </Section>
    </Page>
  );
}

/** What this browser verified of the rows it shows. */
function Chain({ rows }: { rows: readonly AuditRow[] }) {
  const { broken, links } = useMemo(() => verifyRows(rows), [rows]);
  if (rows.length === 0) return <span />;
  if (broken !== null) {
    return (
      <span className="chain-broken" role="alert">
        <Icon name="warning" /> Entry {broken} does not hold: the log was changed. Export it and run “alex
        audit verify”.
      </span>
    );
  }
  return (
    <span className="hint chain" title="Each entry’s hash, and that of the entry before it, computed here">
      <Icon name="check" /> {rows.length} {rows.length === 1 ? 'entry' : 'entries'} verified in this browser
      {links === rows.length - 1 ? ', without a gap' : ''}
    </span>
  );
}

/** The whole log, to keep or to verify elsewhere. */
function Exports({ workspaceId }: { workspaceId: string }) {
  const { busy, error, run } = useAction();
  const exportAs = (format: 'jsonl' | 'csv'): void =>
    void run(async () => {
      save(await (await auditApi.export({ format })).blob(), `audit-${workspaceId}.${format}`);
      toast('The log is in your downloads.');
    });
  return (
    <div className="section-actions">
      {(['jsonl', 'csv'] as const).map((format) => (
        <button
          key={format}
          type="button"
          className="button"
          disabled={busy}
          onClick={() => exportAs(format)}
        >
          <Icon name="download" /> {format === 'jsonl' ? 'Export JSON Lines' : 'Export CSV'}
        </button>
      ))}
      <Problem error={error} />
    </div>
  );
}
