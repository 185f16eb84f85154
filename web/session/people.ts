import type { Participant, Role } from '../../protocol/messages/session.ts';
import type { SharedState } from '../../client/index.ts';
import { colorOf } from '../../protocol/presence.ts';

/** Somebody the session is shared with, as the page shows them: one person, however many devices. */
export interface Person {
  userId: string;
  name: string;
  role: Role;
  color: number;
  /** Devices that are connected now, in the order they came; none: not here. */
  devices: Participant[];
  self: boolean;
}

/** Members and who is here, put together: oneself first, then who is here, then the others. Pure. */
export function personsOf(
  participants: readonly Participant[],
  members: SharedState['members'],
  selfId: string | null,
): Person[] {
  const persons = new Map<string, Person>();
  for (const { userId, displayName, role } of Object.values(members)) {
    const name = displayName ?? userId;
    persons.set(userId, { userId, name, role, color: colorOf(userId), devices: [], self: userId === selfId });
  }
  for (const each of participants) {
    const { userId, displayName: name, role, color } = each;
    const known = persons.get(userId);
    if (known === undefined)
      persons.set(userId, { userId, name, role, color, devices: [each], self: userId === selfId });
    else known.devices.push(each);
  }
  const rank = (person: Person): number => (person.self ? 0 : person.devices.length > 0 ? 1 : 2);
  return [...persons.values()].sort((a, b) => rank(a) - rank(b));
}

/** One or two letters for a name. */
export function initialsOf(name: string): string {
  const words = name.split(/[\s._@-]+/u).filter((word) => word !== '');
  const [first, second] = words.length > 1 ? [words[0], words.at(-1)] : [words[0], undefined];
  const letter = (word: string | undefined): string => [...(word ?? '')][0]?.toUpperCase() ?? '';
  return letter(first) + letter(second) || '?';
}

/** Names in a sentence: `Ada`, `Ada and Bob`, `Ada and 2 others`. */
export function namesOf(who: readonly { displayName: string }[]): string {
  const names = [...new Set(who.map(({ displayName }) => displayName))];
  const [first = '', second] = names;
  if (second === undefined) return first;
  return names.length === 2 ? `${first} and ${second}` : `${first} and ${names.length - 1} others`;
}

/** What to say when who is here has changed, for ears; empty when there is nothing new. */
export function comingsAndGoings(before: readonly Participant[], after: readonly Participant[]): string {
  const names = (list: readonly Participant[]): Map<string, string> =>
    new Map(list.map(({ userId, displayName }) => [userId, displayName]));
  const [old, now] = [names(before), names(after)];
  const joined = [...now].filter(([userId]) => !old.has(userId)).map(([, displayName]) => ({ displayName }));
  const left = [...old].filter(([userId]) => !now.has(userId)).map(([, displayName]) => ({ displayName }));
  const said = [];
  if (joined.length > 0) said.push(`${namesOf(joined)} joined.`);
  if (left.length > 0) said.push(`${namesOf(left)} left.`);
  return said.join(' ');
}
