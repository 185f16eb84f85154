import { useState } from 'react';
import type { Device } from '../../client/api-account.ts';
import { account } from '../app/account-api.ts';
import { leave } from '../app/api.ts';
import { Confirm, type Question } from '../ui/Confirm.tsx';
import { Page, Section } from '../ui/Page.tsx';
import { WhenLoaded } from '../ui/States.tsx';
import { type Column, Table } from '../ui/Table.tsx';
import { toast } from '../ui/toast.ts';
import { useLoaded } from '../ui/use-loaded.ts';
import { When } from '../ui/When.tsx';

const loadDevices = () => account.listDevices();

/** Where one is signed in, and the way to end that. */
export function DevicesPage() {
  const { loaded, reload } = useLoaded(loadDevices);
  const [question, setQuestion] = useState<Question | null>(null);

  const revoke = (device: Device): void =>
    setQuestion({
      title: `Sign out ${device.label}?`,
      body: <p>It is signed out within seconds. Sessions go on running.</p>,
      action: 'Sign out',
      onConfirm: async () => {
        await account.revokeDevice(device.id);
        if (device.current) return leave();
        toast(`${device.label} is signed out.`);
        reload();
      },
    });
  const everywhere = (): void =>
    setQuestion({
      title: 'Sign out everywhere?',
      body: (
        <p>
          All your browsers and command lines are signed out within seconds, this one as well. API keys stay
          good; revoke them one by one.
        </p>
      ),
      action: 'Sign out everywhere',
      onConfirm: async () => {
        await account.signOutEverywhere();
        leave();
      },
    });

  return (
    <Page
      title="Devices"
      lead="Every browser and command line you are signed in on. Sign out what you do not know, then change the password where you sign in."
    >
      <Section
        title="Signed in"
        actions={
          <button type="button" className="button danger-quiet" onClick={everywhere}>
            Sign out everywhere
          </button>
        }
      >
        <WhenLoaded of={loaded} onRetry={reload}>
          {(devices) => (
            <Table
              caption="Devices"
              columns={columnsOf(revoke)}
              rows={devices.toSorted((a, b) => Number(b.current) - Number(a.current))}
              keyOf={({ id }) => id}
            />
          )}
        </WhenLoaded>
      </Section>
      {question !== null && <Confirm question={question} onClose={() => setQuestion(null)} />}
    </Page>
  );
}

function columnsOf(revoke: (device: Device) => void): Column<Device>[] {
  return [
    {
      title: 'Device',
      cell: (device) => (
        <span className="two-lines">
          <span>
            {device.label} {device.current && <span className="badge good">this device</span>}
          </span>
          <span className="hint">{device.address === '' ? 'address not known' : device.address}</span>
        </span>
      ),
    },
    { title: 'Signed in', cell: ({ createdAt }) => <When at={createdAt} /> },
    { title: 'Last used', cell: ({ lastUsedAt }) => <When at={lastUsedAt} /> },
    { title: 'Ends unless used', cell: ({ expiresAt }) => <When at={expiresAt} /> },
    {
      title: 'Actions',
      bare: true,
      cell: (device) => (
        <button
          type="button"
          className="button small"
          aria-label={`Sign out ${device.label}`}
          onClick={() => revoke(device)}
        >
          Sign out
        </button>
      ),
    },
  ];
}
