import { type FormEvent, lazy, Suspense, useEffect, useRef, useState } from 'react';
import { Role } from '../../protocol/messages/session.ts';
import { api, explain } from '../app/api.ts';
import { IconButton } from '../ui/IconButton.tsx';
import { useKeptFocus } from '../ui/use-kept-focus.ts';
import { Avatar } from './Avatar.tsx';
import { selfIdOf } from './People.tsx';
import { type Person, personsOf } from './people.ts';
import type { SessionState, SessionStore } from './session-store.ts';

const ShareLinks = lazy(() => import('./ShareLinks.tsx'));

const ROLES: Record<Role, string> = {
  owner: 'Owner: also shares and deletes',
  editor: 'Editor: types',
  viewer: 'Viewer: watches',
};

/** Everybody the session is shared with: who is here, what they may do; for owners the way to change it. */
export default function PeoplePanel(props: {
  store: SessionStore;
  state: SessionState;
  onClose: () => void;
}) {
  const { store, state, onClose } = props;
  const [error, setError] = useState<string | null>(null);
  const panel = useRef<HTMLElement>(null);
  useEffect(() => panel.current?.focus(), []);

  const members = state.shared?.members ?? {};
  const selfId = selfIdOf(state);
  const persons = personsOf(state.together.participants, members, selfId);
  const owner = selfId !== null && members[selfId]?.role === 'owner';
  const act = (action: () => Promise<unknown>): void => {
    setError(null);
    action().catch((failure: unknown) => setError(explain(failure)));
  };
  const share = (userId: string, role: Role): void => act(() => api.setMember(store.sessionId, userId, role));

  return (
    <aside
      ref={panel}
      className="people-panel"
      data-testid="people-panel"
      aria-label="People"
      tabIndex={-1}
      {...useKeptFocus(panel)}
      onKeyDown={(event) => {
        if (event.key !== 'Escape') return;
        // What is being typed, or shown once, is not thrown away by one key: the first Esc leaves the field.
        const { target } = event;
        if (target instanceof HTMLInputElement || target instanceof HTMLSelectElement) panel.current?.focus();
        else onClose();
      }}
    >
      <header>
        <h2>People</h2>
        <IconButton icon="close" label="Close" onClick={onClose} />
      </header>
      <ul>
        {persons.map((person) => (
          <PersonRow
            key={person.userId}
            person={person}
            owner={owner}
            state={state}
            onRole={(role) => share(person.userId, role)}
            onRemove={() => act(() => api.removeMember(store.sessionId, person.userId))}
            onFollow={(stream) => {
              store.together.follow(stream);
              onClose();
            }}
          />
        ))}
      </ul>
      {owner && <Invite onInvite={share} />}
      {owner && (
        <Suspense>
          <ShareLinks sessionId={store.sessionId} />
        </Suspense>
      )}
      {error !== null && (
        <p className="error" role="alert">
          {error}
        </p>
      )}
      {(state.watching || state.together.role !== 'viewer') && (
        <label className="check">
          <input
            type="checkbox"
            checked={state.watching}
            onChange={(event) => store.watchOnly(event.target.checked)}
          />
          Only watch on this page
        </label>
      )}
    </aside>
  );
}

interface RowProps {
  person: Person;
  owner: boolean;
  state: SessionState;
  onRole: (role: Role) => void;
  onRemove: () => void;
  onFollow: (stream: number) => void;
}

function PersonRow({ person, owner, state, onRole, onRemove, onFollow }: RowProps) {
  const { name, userId, role, color, devices, self } = person;
  const here = devices.length > 0;
  const where = whereabouts(person, state);
  const looking = devices.find(({ focus }) => focus !== null) ?? devices[0];
  return (
    <li className="person" data-testid={`person-${userId}`}>
      <Avatar name={name} color={color} away={!here} />
      <span className="person-name">
        <span className="name" title={userId}>
          {name}
          {self && ' (you)'}
        </span>
        <span className="hint" title={where}>
          {where}
        </span>
      </span>
      {!self && looking !== undefined && (
        <button
          type="button"
          className="button small"
          aria-label={`Follow ${name}`}
          onClick={() => onFollow(looking.stream)}
        >
          Follow
        </button>
      )}
      {owner && !self ? (
        <select
          aria-label={`Role of ${name}`}
          value={role}
          onChange={(event) => onRole(Role.parse(event.target.value))}
        >
          {Role.options.map((option) => (
            <option key={option} value={option} title={ROLES[option]}>
              {option}
            </option>
          ))}
        </select>
      ) : (
        <span className="role-badge" title={ROLES[role]}>
          {role}
        </span>
      )}
      {owner !== self && (
        <IconButton icon="close" label={self ? 'Leave this session' : `Remove ${name}`} onClick={onRemove} />
      )}
    </li>
  );
}

/** Where somebody is, in words. */
function whereabouts({ devices, self }: Person, { shared, titles }: SessionState): string {
  const [device] = devices;
  if (device === undefined) return 'not here';
  const count = devices.length > 1 ? `${devices.length} devices` : (device.device ?? 'here');
  const channel = devices.find(({ focus }) => focus !== null)?.focus?.channel;
  if (self || channel === undefined) return count;
  return `in ${titles[channel] ?? shared?.terminals[channel]?.title ?? `terminal ${channel}`} · ${count}`;
}

function Invite({ onInvite }: { onInvite: (userId: string, role: Role) => void }) {
  const [userId, setUserId] = useState('');
  const [role, setRole] = useState<Role>('viewer');
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    if (userId.trim() === '') return;
    onInvite(userId.trim(), role);
    setUserId('');
  };
  return (
    <form className="invite" onSubmit={submit}>
      <input
        aria-label="User id"
        placeholder="User id"
        maxLength={200}
        value={userId}
        onChange={(event) => setUserId(event.target.value)}
      />
      <select aria-label="Role" value={role} onChange={(event) => setRole(Role.parse(event.target.value))}>
        {Role.options.map((option) => (
          <option key={option}>{option}</option>
        ))}
      </select>
      <button className="button primary">Share</button>
    </form>
  );
}
