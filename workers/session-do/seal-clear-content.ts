import { z } from 'zod';
import { type ClearTable, hasColumn, sealClearRows } from '../shared/vault/clear-columns.ts';
import type { Vault } from '../shared/vault/vault.ts';
import {
  EventContent,
  PersonContent,
  sealedEvents,
  sealedMembers,
  sealedSession,
  sealedTerminals,
  SessionContent,
  TerminalContent,
} from './sealed.ts';

const Text = z.string();
const json = (value: SqlStorageValue | undefined): unknown =>
  value === null || value === undefined ? null : JSON.parse(Text.parse(value));

/** The rows that hold content in the clear: where they are, and what the record of one is. */
function tables(vault: Vault): ClearTable[] {
  const session = sealedSession(vault);
  const terminals = sealedTerminals(vault);
  const members = sealedMembers(vault);
  const events = sealedEvents(vault);
  return [
    {
      ...{ table: 'session', key: 'id', columns: ['name', 'host_message', 'active_tools'] },
      seal: (_key, row) => {
        const { name, host_message: hostMessage } = row;
        return session.seal(
          0,
          SessionContent.parse({ name, hostMessage, activeTools: json(row['active_tools']) }),
        );
      },
    },
    {
      ...{ table: 'terminals', key: 'channel', columns: ['title', 'exit', 'command'] },
      seal: (key, { title, exit, command }) =>
        terminals.seal(key, TerminalContent.parse({ title, exit: json(exit), command: json(command) })),
    },
    {
      ...{ table: 'members', key: 'user_id', columns: ['display_name'] },
      seal: (key, { display_name: displayName }) => members.seal(key, PersonContent.parse({ displayName })),
    },
    {
      ...{ table: 'events', key: 'seq', columns: ['data', 'delta', 'checksum'] },
      seal: (key, { data, delta, checksum }) =>
        events.seal(key, EventContent.parse({ data: json(data), delta: json(delta), checksum })),
    },
  ];
}

/** True while columns are there that hold content in the clear. */
export function hasClearContent(sql: SqlStorage): boolean {
  return hasColumn(sql, 'session', 'name');
}

/** Seals what an actor of an older version stored in the clear. Called again it finds what is left to do. */
export function sealClearContent(sql: SqlStorage, vault: Vault): void {
  for (const table of tables(vault)) sealClearRows(sql, table);
}
