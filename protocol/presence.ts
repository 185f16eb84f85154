/** Colours people are told apart by; clients choose what each looks like. */
export const PERSON_COLORS = 12;

/** A person's colour, the same wherever they are seen: 0 to {@link PERSON_COLORS} - 1, from their user id (FNV-1a). */
export function colorOf(userId: string): number {
  let hash = 0x811c9dc5;
  for (const byte of new TextEncoder().encode(userId)) hash = Math.imul(hash ^ byte, 0x01000193);
  return (hash >>> 0) % PERSON_COLORS;
}
