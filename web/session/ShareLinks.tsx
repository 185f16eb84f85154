import { type FormEvent, useCallback, useRef, useState } from 'react';
import { ShareLinksApi } from '../../client/api-share-links.ts';
import { MAX_SHARE_LINK_USES, SHARE_LINK_USES } from '../../protocol/limits.ts';
import type { CreatedShareLink, ShareLink, SharedRole } from '../../protocol/messages/share-link.ts';
import { api } from '../app/api.ts';
import { Confirm, type Question } from '../ui/Confirm.tsx';
import { Check, Field, Select } from '../ui/Field.tsx';
import { SecretBox } from '../ui/SecretBox.tsx';
import { Problem, WhenLoaded } from '../ui/States.tsx';
import { nowMs, relative } from '../ui/times.ts';
import { toast } from '../ui/toast.ts';
import { Toaster } from '../ui/Toaster.tsx';
import { useKeptFocus } from '../ui/use-kept-focus.ts';
import { useAction, useLoaded } from '../ui/use-loaded.ts';
import { When } from '../ui/When.tsx';
import { type Lifetime, LIFETIMES, standingOf } from '../workspace/invitations.ts';
import '../styles/pages.css';

const shareLinksApi = new ShareLinksApi(api.transport);

/** Links to the session, for its owners: make one, see who uses them, take them back. */
export default function ShareLinks({ sessionId }: { sessionId: string }) {
  const { loaded, reload, change } = useLoaded(useCallback(() => shareLinksApi.list(sessionId), [sessionId]));
  const [made, setMade] = useState<CreatedShareLink | null>(null);
  const [making, setMaking] = useState(false);
  const heading = useRef<HTMLHeadingElement>(null);
  const [question, setQuestion] = useState<Question | null>(null);

  const revoke = (link: ShareLink): void =>
    setQuestion({
      title: 'Revoke this link?',
      body: <p>It no longer works, and whoever came by it is out at once, also who is connected.</p>,
      action: 'Revoke',
      onConfirm: async () => {
        await shareLinksApi.revoke(sessionId, link.id);
        setMade((shown) => (shown?.id === link.id ? null : shown));
        toast('The link is revoked.');
        reload();
      },
    });

  return (
    <section className="share-links" aria-label="Share links" {...useKeptFocus(heading)}>
      <header>
        <h3 ref={heading} tabIndex={-1}>
          Share links
        </h3>
        <button
          type="button"
          className="button small"
          aria-expanded={making}
          onClick={() => setMaking(!making)}
        >
          New link
        </button>
      </header>
      {making && (
        <LinkForm
          onMake={async (input) => {
            const link = await shareLinksApi.create(sessionId, input);
            setMade(link);
            setMaking(false);
            // Both at once: a list without the link beside it reads as if it were not good.
            change((links) => [link, ...links]);
            reload();
          }}
        />
      )}
      {made !== null && (
        <SecretBox key={made.id} what="link" secret={made.url} onDone={() => setMade(null)}>
          {made.signedInOnly
            ? 'Who has this link and an account may come in. It is shown only now.'
            : 'Whoever has this link may come in, without an account. It is shown only now.'}
        </SecretBox>
      )}
      <WhenLoaded of={loaded} onRetry={reload}>
        {(links) => {
          const open = links.filter((link) => standingOf(link, nowMs()) === 'open');
          if (open.length === 0) return <p className="hint">No link is open.</p>;
          return (
            <ul>
              {open.map((link) => (
                <li key={link.id} className="person">
                  <span className="person-name">
                    <span>
                      {link.role}
                      {link.signedInOnly && ' · with an account'}
                    </span>
                    <span className="hint">
                      used {link.uses} of {link.maxUses} · ends <When at={link.expiresAt} />
                    </span>
                  </span>
                  <button
                    type="button"
                    className="button small"
                    aria-label={`Revoke the link for ${link.role}s that ends ${relative(link.expiresAt, nowMs())}`}
                    onClick={() => revoke(link)}
                  >
                    Revoke
                  </button>
                </li>
              ))}
            </ul>
          );
        }}
      </WhenLoaded>
      {question !== null && <Confirm question={question} onClose={() => setQuestion(null)} />}
      <Toaster />
    </section>
  );
}

function LinkForm(props: {
  onMake: (input: {
    role: SharedRole;
    signedInOnly: boolean;
    lifetimeMs: number;
    maxUses: number;
  }) => Promise<void>;
}) {
  const [role, setRole] = useState<SharedRole>('viewer');
  const [lifetime, setLifetime] = useState<Lifetime>(LIFETIMES[1][0]);
  const [maxUses, setMaxUses] = useState(SHARE_LINK_USES);
  const [signedInOnly, setSignedInOnly] = useState(false);
  const { busy, error, run } = useAction();
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    void run(() => props.onMake({ role, signedInOnly, lifetimeMs: Number(lifetime), maxUses }));
  };
  return (
    <form className="share-form" onSubmit={submit}>
      <Field label="May">
        {(control) => (
          <Select
            {...control}
            value={role}
            options={[
              ['viewer', 'watch'],
              ['editor', 'type'],
            ]}
            onChoose={setRole}
          />
        )}
      </Field>
      <Field label="Good for">
        {(control) => <Select {...control} value={lifetime} options={LIFETIMES} onChoose={setLifetime} />}
      </Field>
      <Field label="People">
        {(control) => (
          <input
            {...control}
            type="number"
            required
            min={1}
            max={MAX_SHARE_LINK_USES}
            value={maxUses}
            onChange={({ target }) => setMaxUses(Number(target.value))}
          />
        )}
      </Field>
      <div className="form-end">
        <Check label="Only with an account here" checked={signedInOnly} onChange={setSignedInOnly} />
        <Problem error={error} />
        <button className="button primary" disabled={busy}>
          {busy ? 'Making…' : 'Make the link'}
        </button>
      </div>
    </form>
  );
}
