import { defineConfig } from 'drizzle-kit';

/** `npx drizzle-kit generate --name WHAT` writes the next versioned SQL file from the schema. */
export default defineConfig({
  dialect: 'postgresql',
  schema: './workers/shared/directory/schema.ts',
  out: './migrations',
});
