import { customType } from 'drizzle-orm/sqlite-core';
import { z } from 'zod';
import { SessionEvent, TerminalExit } from '../../protocol/messages/session.ts';
import { SocketAccess } from '../shared/policy/socket-access.ts';
import { SealedPart } from '../shared/vault/sealed-part.ts';
import type { Vault } from '../shared/vault/vault.ts';

/** What of a session is stored sealed, row by row; whatever is not named here is stored as it is. */

/** A sealed record in a column; null: in rows of before there were such. */
export const sealedColumn = customType<{ data: Uint8Array<ArrayBuffer>; driverData: ArrayBuffer }>({
  dataType: () => 'blob',
  toDriver: (record) => record.buffer,
  fromDriver: (buffer) => new Uint8Array(buffer),
});

export const SessionContent = z.object({
  name: z.string(),
  hostMessage: z.string().nullable(),
  activeTools: z.array(z.string()),
});
export type SessionContent = z.infer<typeof SessionContent>;

export const TerminalContent = z.object({
  title: z.string(),
  exit: TerminalExit.nullable(),
  command: z.array(z.string()).nullable(),
});
export type TerminalContent = z.infer<typeof TerminalContent>;

/** Of members. */
export const PersonContent = z.object({ displayName: z.string().nullable() });
export type PersonContent = z.infer<typeof PersonContent>;

/** Of tickets. */
export const TicketContent = PersonContent.extend({ access: SocketAccess.nullable().default(null) });

/** The checksum is empty in events written before there were checksums. */
export const EventContent = SessionEvent.pick({ data: true, delta: true, checksum: true });
export type EventContent = z.infer<typeof EventContent>;

const NO_EVENT: EventContent = { data: {}, delta: null, checksum: '' };

export const sealedSession = (vault: Vault) =>
  new SealedPart(vault, 'session', SessionContent, { name: '', hostMessage: null, activeTools: [] });
export const sealedTerminals = (vault: Vault) =>
  new SealedPart(vault, 'terminal', TerminalContent, { title: '', exit: null, command: null });
export const sealedMembers = (vault: Vault) =>
  new SealedPart(vault, 'member', PersonContent, { displayName: null });
export const sealedTickets = (vault: Vault) =>
  new SealedPart(vault, 'ticket', TicketContent, { displayName: null, access: null });
export const sealedEvents = (vault: Vault) => new SealedPart(vault, 'event', EventContent, NO_EVENT);
