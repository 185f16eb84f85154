import type { AuditRow } from '../../protocol/audit/row.ts';
import { type Column, Table } from '../ui/Table.tsx';
import { dateTime } from '../ui/times.ts';

/** Rows of the log, each with its details behind a line. */
export function AuditTable({ rows }: { rows: readonly AuditRow[] }) {
  return <Table caption="Audit log" columns={COLUMNS} rows={rows} keyOf={({ id }) => id} />;
}

const COLUMNS: Column<AuditRow>[] = [
  {
    title: 'When',
    cell: ({ at, seq }) => (
      <span className="two-lines">
        <time dateTime={at} title={at}>
          {dateTime(at)}
        </time>
        <span className="hint">entry {seq}</span>
      </span>
    ),
  },
  {
    title: 'Who',
    cell: ({ actor, address }) => (
      <span className="two-lines">
        <span className="mono">{actor.userId ?? 'nobody known'}</span>
        <span className="hint">
          {[actor.credential?.kind, address]
            .filter((part) => part !== undefined && part !== null)
            .join(' · ')}
        </span>
      </span>
    ),
  },
  {
    title: 'Did',
    cell: (row) => (
      <span className="two-lines">
        <span>
          <strong className="action">{row.action}</strong> <Outcome outcome={row.outcome} />
        </span>
        {row.reason !== null && <span className="hint">{row.reason}</span>}
        <Details row={row} />
      </span>
    ),
  },
  {
    title: 'To',
    cell: ({ target }) => (
      <span className="two-lines">
        <span className="mono cut" title={target.id}>
          {target.id}
        </span>
        <span className="hint">{target.kind}</span>
      </span>
    ),
  },
];

/** Denied and failed are marked by more than their colour: by the word. */
function Outcome({ outcome }: { outcome: string }) {
  if (outcome === 'allowed' || outcome === 'completed') return null;
  return <span className={`badge ${outcome === 'intended' ? '' : 'bad'}`}>{outcome}</span>;
}

function Details({ row }: { row: AuditRow }) {
  const facts: [string, string][] = [
    ...Object.entries(row.detail).map(([name, value]): [string, string] => [name, String(value)]),
    ['outcome', row.outcome],
    ['exactly', row.at],
    ['request', row.requestId ?? 'none'],
    [
      'credential',
      row.actor.credential === null ? 'none' : `${row.actor.credential.kind} ${row.actor.credential.id}`,
    ],
    ['id', row.id],
    ['hash', row.hash],
    ['previous', row.previousHash],
  ];
  return (
    <details className="details">
      <summary aria-label={`Details of entry ${row.seq}`}>Details</summary>
      <dl>
        {facts.map(([name, value], at) => (
          <div key={at}>
            <dt>{name}</dt>
            <dd className="mono">{value}</dd>
          </div>
        ))}
      </dl>
    </details>
  );
}
