import { env } from 'cloudflare:test';
import { openKek } from '../shared/vault/configured-kek.ts';
import { Vault } from '../shared/vault/vault.ts';
import type { PlayedSession } from './session.ts';

/** A second hand on what a session's actor has sealed; call within its actor. */
export async function vaultOf({ id, owner }: PlayedSession, sql: SqlStorage): Promise<Vault> {
  const vault = new Vault(sql, openKek(env));
  await vault.unlock({ tenant: owner.workspaceId, subject: `session/${id}` });
  return vault;
}

/** All that an actor's SQLite holds, as text in which every byte is one character. */
export function dump(sql: SqlStorage): string {
  const names = sql
    .exec("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT GLOB '_cf_*'")
    .toArray();
  const rows = names.flatMap(({ name }) => sql.exec(`SELECT * FROM "${String(name)}"`).toArray());
  return rows.flatMap((row) => Object.values(row).map(asText)).join('\n');
}

function asText(value: SqlStorageValue): string {
  return value instanceof ArrayBuffer ? String.fromCharCode(...new Uint8Array(value)) : String(value);
}
