import type { Participant } from '../../protocol/messages/session.ts';
import type { TerminalView } from '../terminal/terminal-view.ts';
import { Icon } from '../ui/Icon.tsx';
import { Avatar, personColor } from './Avatar.tsx';
import { namesOf, personsOf } from './people.ts';
import type { SessionState } from './session-store.ts';

/** Avatars shown in the top bar. */
const SHOWN = 4;

/** Own user id; null before the first welcome. */
export function selfIdOf({ together }: SessionState): string | null {
  return together.participants.find(({ stream }) => stream === together.stream)?.userId ?? null;
}

/** Who is here, and the way to the panel with all of it. */
export function PeopleButton(props: { state: SessionState; open: boolean; onClick: () => void }) {
  const { state, open, onClick } = props;
  const here = personsOf(state.together.participants, state.shared?.members ?? {}, selfIdOf(state)).filter(
    ({ devices }) => devices.length > 0,
  );
  const names = here.map(({ name, role, self }) => (self ? 'you' : `${name} (${role})`)).join(', ');
  const label = here.length > 1 ? `People, ${here.length} here: ${names}` : 'People: share this session';
  return (
    <button
      type="button"
      className="people-button"
      data-testid="people"
      aria-label={label}
      aria-expanded={open}
      title={`${label} (Alt Shift P)`}
      onClick={onClick}
    >
      {here.length < 2 ? (
        <Icon name="people" />
      ) : (
        here
          .slice(0, here.length > SHOWN ? SHOWN - 1 : SHOWN)
          .map(({ userId, name, color }) => <Avatar key={userId} name={name} color={color} />)
      )}
      {here.length > SHOWN && <span className="avatar more" data-text={`+${here.length - SHOWN + 1}`} />}
    </button>
  );
}

/** Says that one may not type here. */
export function ViewOnly({ state }: { state: SessionState }) {
  if (state.together.role !== 'viewer') return null;
  return (
    <span
      className="view-only"
      data-testid="view-only"
      title="You watch this session; your keyboard does nothing here."
    >
      <Icon name="eye" /> View only
    </span>
  );
}

/** Three dots for a tab in which somebody types. */
export function TypingDots({ who }: { who: readonly Participant[] }) {
  const [first] = who;
  if (first === undefined) return null;
  return (
    <span className="typing-dots" style={personColor(first.color)} title={`${namesOf(who)} typing`}>
      <i />
      <i />
      <i />
      <span className="visually-hidden">, {namesOf(who)} typing</span>
    </span>
  );
}

/** Who types in a terminal, in its corner. */
export function Typists({ who }: { who: readonly Participant[] }) {
  const [first] = who;
  if (first === undefined) return null;
  return (
    <div className="typists" data-testid="typists" style={personColor(first.color)} aria-hidden="true">
      {namesOf(who)}
      <TypingDots who={who} />
    </div>
  );
}

/** Whose window the size of a terminal follows, and how to change that; the style sheet hides it where the size is one's own. */
export function SizeHint(props: { channel: number; view: TerminalView; state: SessionState }) {
  const { channel, view, state } = props;
  const sizer = state.together.sizedBy[channel];
  const size = state.shared?.terminals[channel];
  if (sizer === undefined || size === undefined) return null;
  const self = sizer.userId === selfIdOf(state);
  const whose = self ? `your ${sizer.device ?? 'other window'}` : sizer.displayName;
  return (
    <div className="size-hint" data-testid="size-hint">
      Sized by {whose}: {size.cols}×{size.rows}
      {state.together.role !== 'viewer' && (
        <>
          {' · type or '}
          <button type="button" className="link" onClick={() => view.takeSize()}>
            use my size
          </button>
        </>
      )}
    </div>
  );
}

/** Says whom the page follows. */
export function FollowBanner({ state, onStop }: { state: SessionState; onStop: () => void }) {
  const { following, participants } = state.together;
  const leader = participants.find(({ stream }) => stream === following);
  if (leader === undefined) return null;
  return (
    <div
      className="follow-banner"
      role="status"
      data-testid="follow-banner"
      style={personColor(leader.color)}
    >
      <span>
        Following <strong>{leader.displayName}</strong>
      </span>
      <button type="button" className="button small" onClick={onStop}>
        Stop <kbd>Esc</kbd>
      </button>
    </div>
  );
}

/** Says to ears who came and went. */
export function Announcer({ text }: { text: string }) {
  return (
    <p className="visually-hidden" aria-live="polite" data-testid="announcer">
      {text}
    </p>
  );
}
