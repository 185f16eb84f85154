import { runInDurableObject } from 'cloudflare:test';
import { migrate } from 'drizzle-orm/durable-sqlite/migrator';
import { expect, it } from 'vitest';
import { PlayedSession } from '../testing/session.ts';
import { openDatabase } from './database.ts';
import { newestShape, sessionMigrations } from './migrations/index.ts';

/** Everything about tables and indexes but the text they were made by. */
function shapeOf(sql: SqlStorage): unknown[] {
  const tables = sql.exec<{ name: string; keyed: number }>(
    `SELECT name, sql LIKE '%WITHOUT ROWID' AS keyed FROM sqlite_master
     WHERE type = 'table' AND name NOT LIKE '\\_cf\\_%' ESCAPE '\\' ORDER BY name`,
  );
  return tables.toArray().map(({ name, keyed }) => {
    const columns = sql.exec(
      'SELECT name, type, "notnull", dflt_value, pk FROM pragma_table_info(?) ORDER BY name',
      name,
    );
    const indexed = sql.exec(
      `SELECT list."unique", list.origin, list.partial, info.name FROM pragma_index_list(?) AS list,
       pragma_index_info(list.name) AS info ORDER BY info.name`,
      name,
    );
    return { name, keyed, columns: columns.toArray(), indexed: indexed.toArray() };
  });
}

it('gives a new database the shape that all migrations give an old one, and leaves none to run', async () => {
  const session = await PlayedSession.create();
  await runInDurableObject(session.actor, async (_actor, { storage }) => {
    const database = openDatabase(storage);
    const shapes: unknown[][] = [];
    for (const way of [sessionMigrations, newestShape]) {
      await storage.deleteAll();
      await migrate(database, way);
      shapes.push(shapeOf(storage.sql));
      await migrate(database, sessionMigrations);
      expect(shapeOf(storage.sql)).toEqual(shapes.at(-1));
    }
    expect(shapes[0]).toHaveLength(10);
    expect(shapes[1]).toEqual(shapes[0]);
  });
});
