import { type FormEvent, useCallback, useState } from 'react';
import type { AccessPolicy } from '../../protocol/messages/access-policy.ts';
import type { Workspace } from '../../protocol/messages/workspace.ts';
import { Check, Field, Select } from '../ui/Field.tsx';
import { Page, Section } from '../ui/Page.tsx';
import { Problem, WhenLoaded } from '../ui/States.tsx';
import { toast } from '../ui/toast.ts';
import { useAction, useLoaded } from '../ui/use-loaded.ts';
import { AgentsFields } from './AgentsFields.tsx';
import { HoursFields } from './HoursFields.tsx';
import { formOf, type PolicyForm, policyOf } from './policy-form.ts';
import { workspacesApi } from './workspaces.ts';

const AGES = [
  ['', 'Never'],
  [String(5 * 60_000), 'after 5 minutes'],
  [String(15 * 60_000), 'after 15 minutes'],
  [String(60 * 60_000), 'after 1 hour'],
  [String(12 * 3_600_000), 'after 12 hours'],
] as const;
const RISKS = [
  ['', 'Never'],
  ['80', 'only what is very unusual'],
  ['50', 'what is unusual'],
  ['30', 'also from networks that are new for a person'],
] as const;

/** What the workspace asks of every request besides a role. */
export function AccessPolicyPage({ workspace }: { workspace: Workspace }) {
  const { id, name } = workspace;
  const { loaded, reload, put } = useLoaded(useCallback(() => workspacesApi.getPolicy(id), [id]));
  return (
    <Page
      title="Access policy"
      lead={
        <>What “{name}” asks of every request besides a role. Changes hold within 5 seconds, also for you.</>
      }
    >
      <WhenLoaded of={loaded} onRetry={reload}>
        {(policy) => (
          <PolicyEditor
            policy={policy}
            onSave={async (changed) => {
              put(await workspacesApi.setPolicy(id, changed));
              toast('The policy holds now.');
            }}
          />
        )}
      </WhenLoaded>
    </Page>
  );
}

function PolicyEditor(props: { policy: AccessPolicy; onSave: (policy: AccessPolicy) => Promise<void> }) {
  const [form, setForm] = useState<PolicyForm>(() =>
    formOf(props.policy, new Intl.DateTimeFormat().resolvedOptions().timeZone),
  );
  const [wrong, setWrong] = useState<{ part: string; problem: string } | null>(null);
  const { busy, error, run } = useAction();
  const change = (some: Partial<PolicyForm>): void => {
    setForm({ ...form, ...some });
    setWrong(null);
  };
  const problemOf = (part: string): string | null => (wrong?.part === part ? wrong.problem : null);
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    const read = policyOf(form);
    if (!read.ok) return setWrong(read);
    void run(() => props.onSave(read.policy));
  };

  return (
    <form onSubmit={submit}>
      <Section title="Where and when">
        <Field
          label="Networks"
          hint="CIDR blocks, one a line. Empty: from everywhere. Whoever is elsewhere is refused, you too."
          error={problemOf('networks')}
        >
          {(control) => (
            <textarea
              {...control}
              className="mono"
              rows={3}
              spellCheck={false}
              placeholder={'203.0.113.0/24\n2001:db8::/32'}
              value={form.networks}
              onChange={({ target }) => change({ networks: target.value })}
            />
          )}
        </Field>
        <Check
          label="Only at certain hours"
          checked={form.limitHours}
          onChange={(limitHours) => change({ limitHours })}
        />
        {form.limitHours && <HoursFields form={form} problemOf={problemOf} onChange={change} />}
      </Section>
      <AgentsFields form={form} problem={problemOf('agents')} onChange={change} />
      <Section title="How sure">
        <div className="form-grid">
          <Field label="Ask to sign in again" hint="Before keys, members, transfer and deletion are touched.">
            {(control) => (
              <Select
                {...control}
                value={form.sensitiveAge}
                options={withCurrent(AGES, form.sensitiveAge)}
                onChoose={(sensitiveAge) => change({ sensitiveAge })}
              />
            )}
          </Field>
          <Field label="Refuse unusual requests" hint="New networks and many refusals lately count.">
            {(control) => (
              <Select
                {...control}
                value={form.risk}
                options={withCurrent(RISKS, form.risk)}
                onChoose={(risk) => change({ risk })}
              />
            )}
          </Field>
        </div>
      </Section>
      <Section title="Sharing">
        <Check
          label="Sessions may be shared with people outside the workspace"
          checked={form.outsideSharing}
          onChange={(outsideSharing) => change({ outsideSharing })}
        />
        <Check
          label="Sessions may be shared by link"
          checked={form.shareLinks}
          onChange={(shareLinks) => change({ shareLinks })}
        />
      </Section>
      <Problem error={error} />
      <button className="button primary" disabled={busy}>
        {busy ? 'Saving…' : 'Save the policy'}
      </button>
    </form>
  );
}

/** The choices, and the value there is where it is none of them: set by a program. */
function withCurrent(
  options: readonly (readonly [string, string])[],
  value: string,
): readonly (readonly [string, string])[] {
  return options.some(([each]) => each === value) ? options : [...options, [value, `as set: ${value}`]];
}
