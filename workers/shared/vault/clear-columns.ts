import { z } from 'zod';

/** A row of before there was encryption; JSON is still text. */
export type ClearRow = Record<string, SqlStorageValue>;
/** What tells a row apart. */
export type RowKey = number | string;

/** A table with columns that hold content in the clear, and how the record for a row is made of them. */
export interface ClearTable {
  table: string;
  key: string;
  columns: string[];
  seal(key: RowKey, row: ClearRow): Uint8Array<ArrayBuffer>;
}

/** Whether a table has a column; also of tables that are not there. */
export function hasColumn(sql: SqlStorage, table: string, column: string): boolean {
  const found = sql.exec('SELECT 1 FROM pragma_table_info(?) WHERE name = ?', table, column);
  return found.toArray().length > 0;
}

/**
 * Seals the rows of a table that have no record yet in their column `content`; call in a transaction. Each value is
 * overwritten where it lies before its row becomes another, because SQLite leaves what it moves or deletes where it was.
 */
export function sealClearRows(sql: SqlStorage, { table, key, columns, seal }: ClearTable): void {
  const rows = sql.exec(`SELECT ${key}, ${columns.join(', ')} FROM ${table} WHERE content IS NULL`).toArray();
  const scrub = columns.map((column) => `${column} = ${scrubbed(column)}`).join(', ');
  for (const row of rows) {
    const of = z.union([z.number(), z.string()]).parse(row[key]);
    const record = seal(of, row);
    sql.exec(`UPDATE ${table} SET ${scrub} WHERE ${key} = ?`, of);
    sql.exec(`UPDATE ${table} SET content = ? WHERE ${key} = ?`, record.buffer, of);
  }
}

/** As many bytes of nothing; a value that is NULL stays so. */
function scrubbed(column: string): string {
  return `CASE WHEN ${column} IS NULL THEN NULL ELSE printf('%.*c', octet_length(${column}), 'x') END`;
}
