import { SessionToViewer } from '../protocol/messages/viewer.ts';

/** Messages that say who is here. */
const PRESENCE: ReadonlySet<SessionToViewer['type']> = new Set(['welcome', 'participants', 'presence']);

/** The message, or null for what a newer edge may say and this client does not know. The socket bounds its size. */
export function parseServerMessage(text: string): SessionToViewer | null {
  try {
    return SessionToViewer.safeParse(JSON.parse(text)).data ?? null;
  } catch {
    return null;
  }
}

/** Whether a message says who is here. */
export function tellsPresence({ type }: SessionToViewer): boolean {
  return PRESENCE.has(type);
}
