import type { ReactNode } from 'react';
import type { Usage, WorkspaceUsage } from '../../protocol/messages/usage.ts';
import type { Workspace } from '../../protocol/messages/workspace.ts';
import { Meter } from '../ui/Meter.tsx';
import { Page, Section } from '../ui/Page.tsx';
import { WhenLoaded } from '../ui/States.tsx';
import { type Column, Table } from '../ui/Table.tsx';
import { dateTime } from '../ui/times.ts';
import { useLoaded } from '../ui/use-loaded.ts';
import { When } from '../ui/When.tsx';
import { bytes, count, duration, levelOf, money, monthName } from '../../client/amounts.ts';
import { workspacesApi } from './workspaces.ts';

const loadUsage = () => workspacesApi.usage();

/** What the workspace and oneself use of what there is, what happens at a limit, and when counting begins anew. */
export function UsagePage({ workspace }: { workspace: Workspace }) {
  const { loaded, reload } = useLoaded(loadUsage);
  return (
    <Page title="Usage" lead={<>What “{workspace.name}” uses, and how much there is.</>}>
      <WhenLoaded of={loaded} onRetry={reload}>
        {(usage) => (
          <>
            <Limits usage={usage} onRefresh={reload} shared={workspace.kind === 'team'} />
            <Month usage={usage} shared={workspace.kind === 'team'} />
            <AtALimit usage={usage} />
          </>
        )}
      </WhenLoaded>
    </Page>
  );
}

function Limits(props: { usage: Usage; shared: boolean; onRefresh: () => void }) {
  const { limits, used, sockets } = props.usage;
  const bar = (label: string, amount: number, limit: number | null, say: (amount: number) => string) => (
    <Meter label={label} used={amount} limit={limit} level={levelOf(amount, limit)} say={say} />
  );
  return (
    <Section
      title="Limits"
      lead="Set by whoever runs this edge."
      actions={
        <button type="button" className="button" onClick={props.onRefresh}>
          Refresh
        </button>
      }
    >
      <div className="meters">
        {bar('Your sessions', used.userSessions, limits.userSessions, count)}
        {bar('Sessions of the workspace', used.workspaceSessions, limits.workspaceSessions, count)}
        {bar('Your connections, in all workspaces', sockets.used, sockets.limit, count)}
        {bar('Storage', used.storageBytes, limits.storageBytes, bytes)}
        {bar('Spend this month', used.spendUsd, limits.usdPerMonth, money)}
      </div>
    </Section>
  );
}

/** A line of what was used: of oneself, and of all. */
interface Line {
  what: ReactNode;
  key: string;
  own: string;
  all: string;
}

function Month({ usage, shared }: { usage: WorkspaceUsage; shared: boolean }) {
  const { own, used, month, resetsAt } = usage;
  const line = (
    key: string,
    what: string,
    hint: string,
    say: (of: WorkspaceUsage['own']) => string,
  ): Line => ({
    key,
    what: (
      <span className="two-lines">
        <span>{what}</span>
        <span className="hint">{hint}</span>
      </span>
    ),
    ...{ own: say(own), all: say(used) },
  });
  const lines = [
    line('sandbox', 'Sandbox time', 'While sandboxes ran, typed into or not', (of) => duration(of.sandboxMs)),
    line('cpu', 'Processor time', 'What their programs computed', (of) => duration(of.cpuMs)),
    line('spend', 'Spend', 'What that is counted as', (of) => money(of.spendUsd)),
    line('storage', 'Storage', 'Now, as last measured', (of) => bytes(of.storageBytes)),
  ];
  const columns: Column<Line>[] = [
    { title: 'What', cell: ({ what }) => what },
    ...(shared ? [{ title: 'You', cell: ({ own: mine }: Line) => mine }] : []),
    { title: shared ? 'Everybody' : 'Used', cell: ({ all }) => all },
  ];
  return (
    <Section
      title={monthName(month)}
      lead={
        <>
          Counted from the first of the month, in UTC. Begins anew <When at={resetsAt} />, on{' '}
          {dateTime(resetsAt)}.
        </>
      }
    >
      <Table caption="Used this month" columns={columns} rows={lines} keyOf={({ key }) => key} />
    </Section>
  );
}

function AtALimit({ usage: { limits } }: { usage: WorkspaceUsage }) {
  return (
    <Section title="At a limit">
      <ul className="plain-list">
        <li>
          <strong>Nothing that runs is stopped.</strong> Open sessions and their terminals go on; only new
          sessions and connections are refused, with the limit that is in the way.
        </li>
        <li>Deleting a session makes room for another one, and frees its storage.</li>
        {limits.usdPerMonth !== null && <li>Spend is free again when the month begins anew.</li>}
        <li>
          How many requests you may make in a second is limited, too. Who makes too many is asked to wait for
          seconds, not for the month.
        </li>
      </ul>
    </Section>
  );
}
