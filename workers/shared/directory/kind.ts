import type { BatchItem } from 'drizzle-orm/batch';
import type { NeonHttpDatabase } from 'drizzle-orm/neon-http';
import type { z } from 'zod';

export type DirectoryDatabase = NeonHttpDatabase;
export type Statement = BatchItem<'pg'>;

/** One kind of thing the directory is told, with its rows still unknown. */
export interface AnyKind {
  readonly name: string;
  /** Whether something that came out of an outbox is a row of this kind. */
  isRow(payload: unknown): boolean;
  /** Statements that write rows of this kind, as they came out of an outbox. Throws when one is not of this kind. */
  statementsFor(database: DirectoryDatabase, payloads: unknown[]): Statement[];
}

/** One kind of thing the directory is told. */
export interface Kind<Row> extends AnyKind {
  /** Tells things of this kind apart: the newest word on one replaces older ones that still wait. */
  keyOf(row: Row): string;
}

/**
 * Defines a kind. `write` makes the statements for some rows (at least one, each key once); saying them again must
 * change nothing, and an older word must not overwrite a newer one.
 */
export function defineKind<Row>(kind: {
  name: string;
  row: z.ZodType<Row>;
  key: (row: Row) => string;
  write: (database: DirectoryDatabase, rows: Row[]) => Statement[];
}): Kind<Row> {
  return {
    name: kind.name,
    keyOf: kind.key,
    isRow: (payload) => kind.row.safeParse(payload).success,
    statementsFor: (database, payloads) => {
      const rows = payloads.map((payload) => kind.row.parse(payload));
      return rows.length === 0 ? [] : kind.write(database, rows);
    },
  };
}
