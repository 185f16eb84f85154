import { z } from 'zod';
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

/** A row of before there was encryption; JSON is still text. */
type ClearRow = Record<string, SqlStorageValue>;
type Key = number | string;
const Text = z.string();
const json = (value: SqlStorageValue | undefined): unknown =>
  value === null || value === undefined ? null : JSON.parse(Text.parse(value));

/** The rows that hold content in the clear: where they are, and what the record of one is. */
function tables(vault: Vault) {
  const session = sealedSession(vault);
  const terminals = sealedTerminals(vault);
  const members = sealedMembers(vault);
  const events = sealedEvents(vault);
  return [
    {
      ...{ table: 'session', key: 'id', columns: ['name', 'host_message', 'active_tools'] },
      seal: (_key: Key, row: ClearRow) => {
        const { name, host_message: hostMessage } = row;
        return session.seal(
          0,
          SessionContent.parse({ name, hostMessage, activeTools: json(row['active_tools']) }),
        );
      },
    },
    {
      ...{ table: 'terminals', key: 'channel', columns: ['title', 'exit', 'command'] },
      seal: (key: Key, { title, exit, command }: ClearRow) =>
        terminals.seal(key, TerminalContent.parse({ title, exit: json(exit), command: json(command) })),
    },
    {
      ...{ table: 'members', key: 'user_id', columns: ['display_name'] },
      seal: (key: Key, { display_name: displayName }: ClearRow) =>
        members.seal(key, PersonContent.parse({ displayName })),
    },
    {
      ...{ table: 'events', key: 'seq', columns: ['data', 'delta', 'checksum'] },
      seal: (key: Key, { data, delta, checksum }: ClearRow) =>
        events.seal(key, EventContent.parse({ data: json(data), delta: json(delta), checksum })),
    },
  ];
}

/** True while columns are there that hold content in the clear. */
export function hasClearRows(sql: SqlStorage): boolean {
  return sql.exec("SELECT 1 FROM pragma_table_info('session') WHERE name = 'name'").toArray().length > 0;
}

/**
 * Seals what an actor of an older version stored in the clear. Each value is overwritten where it lies before its row
 * becomes another, because SQLite leaves what it moves or deletes where it was. Called again it finds what is left to do.
 */
export function sealClearRows(sql: SqlStorage, vault: Vault): void {
  for (const { table, key, columns, seal } of tables(vault)) {
    const names = columns.join(', ');
    const rows = sql.exec(`SELECT ${key}, ${names} FROM ${table} WHERE content IS NULL`).toArray();
    const scrub = columns.map((column) => `${column} = ${scrubbed(column)}`).join(', ');
    for (const row of rows) {
      const of = z.union([z.number(), z.string()]).parse(row[key]);
      const record = seal(of, row);
      sql.exec(`UPDATE ${table} SET ${scrub} WHERE ${key} = ?`, of);
      sql.exec(`UPDATE ${table} SET content = ? WHERE ${key} = ?`, record.buffer, of);
    }
  }
}

/** As many bytes of nothing; a value that is NULL stays so. */
function scrubbed(column: string): string {
  return `CASE WHEN ${column} IS NULL THEN NULL ELSE printf('%.*c', octet_length(${column}), 'x') END`;
}
