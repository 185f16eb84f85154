import { PERSON_COLORS } from '../../protocol/presence.ts';
import { initialsOf } from './people.ts';

/** Somebody's initials on their colour, a picture: the words are beside it or in the label of what it is in. */
export function Avatar({ name, color, away = false }: { name: string; color: number; away?: boolean }) {
  return (
    <span
      className="avatar"
      data-away={away}
      data-text={initialsOf(name)}
      style={personColor(color)}
      aria-hidden="true"
    />
  );
}

/** A person's colour for the style sheet: `--hue`. */
export function personColor(color: number): React.CSSProperties {
  return { ['--hue' as string]: String((color * 360) / PERSON_COLORS) };
}
