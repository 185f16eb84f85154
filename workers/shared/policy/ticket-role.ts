import type { Role } from '../../../protocol/messages/session.ts';

/**
 * The most that a ticket drawn with these scopes (absent: no key) may lend, where `asked` was asked for (absent: all
 * there is). Undefined: whatever the caller may. Null: the key cannot have what was asked for.
 */
export function ticketRole(
  scopes: readonly string[] | undefined,
  asked: Role | undefined,
): Role | undefined | null {
  if (scopes === undefined || scopes.includes('terminals:write')) return asked;
  return asked === undefined || asked === 'viewer' ? 'viewer' : null;
}
