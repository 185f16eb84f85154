import type { Participant } from '../../protocol/messages/session.ts';

const SHOWN = 4;

/** Who is in the session, when one is not alone. */
export function Participants({ participants }: { participants: Participant[] }) {
  if (participants.length < 2) return null;
  const names = participants.map(({ displayName, role }) => `${displayName} (${role})`).join(', ');
  return (
    <span
      className="participants"
      role="img"
      aria-label={`${participants.length} here: ${names}`}
      title={names}
    >
      {participants.slice(0, SHOWN).map(({ clientId, displayName }) => (
        <span key={clientId} className="avatar">
          {displayName.slice(0, 1).toUpperCase()}
        </span>
      ))}
      {participants.length > SHOWN && <span className="avatar">+{participants.length - SHOWN}</span>}
    </span>
  );
}
