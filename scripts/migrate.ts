import { z } from 'zod';
import { migrateDatabase } from './database/migrate.ts';

/** `DATABASE_URL=… npm run migrate`: applies what is new in `migrations/`. Exit code 1 when that failed, 2 without a URL. */
const url = z.url({ protocol: /^postgres(ql)?$/ }).safeParse(process.env['DATABASE_URL']);
if (!url.success) {
  console.error('Set DATABASE_URL to the database to migrate: postgresql://user:password@host/database');
  process.exit(2);
}
try {
  const { before, after } = await migrateDatabase({ connectionString: url.data });
  console.log(
    after === before ? `Up to date (${after} applied).` : `Applied ${after - before}, ${after} in all.`,
  );
} catch (error) {
  console.error(`Not migrated: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
}
