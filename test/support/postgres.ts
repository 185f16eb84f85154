import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Client } from 'pg';
import { z } from 'zod';
import type { Stack } from './stack.ts';

/** Asks a stack's own Postgres. Rejects while it is away. */
export async function rowsOf(stack: Stack, sql: string, values: unknown[] = []): Promise<unknown[]> {
  const { dataDirectory } = stack;
  const password = readFileSync(join(dataDirectory, 'keys', 'postgres.txt'), 'utf8');
  const client = new Client({ host: dataDirectory, user: 'alex', password, database: 'alex' });
  client.on('error', () => undefined);
  await client.connect();
  try {
    return (await client.query(sql, values)).rows;
  } finally {
    await client.end();
  }
}

/** The tables that have a text somewhere in a row. */
export async function tablesWith(stack: Stack, text: string): Promise<string[]> {
  const sql = "select table_name as name from information_schema.tables where table_schema = 'public'";
  const tables = z.array(z.object({ name: z.string() })).parse(await rowsOf(stack, sql));
  const found: string[] = [];
  for (const { name } of tables) {
    const hits = await rowsOf(stack, `select 1 from "${name}" t where t::text like $1 limit 1`, [
      `%${text}%`,
    ]);
    if (hits.length > 0) found.push(name);
  }
  return found.sort();
}
