import { sql } from 'drizzle-orm';
import { check, index, pgTable, primaryKey, text, timestamp } from 'drizzle-orm/pg-core';

/**
 * The directory in Postgres: who there is, what belongs to whom, and an index of sessions for reports. It is never on
 * the path of a keystroke, and nothing that runs waits for it. Times are instants; ids are the product's own texts.
 */

const at = (name: string) => timestamp(name, { withTimezone: true, mode: 'string' });

/** People, by the id that their tokens carry. */
export const users = pgTable('users', {
  id: text('id').primaryKey(),
  displayName: text('display_name').notNull(),
  createdAt: at('created_at').notNull().defaultNow(),
  lastSignInAt: at('last_sign_in_at').notNull(),
});

/** Workspaces: what sessions belong to. */
export const workspaces = pgTable('workspaces', {
  id: text('id').primaryKey(),
  name: text('name').notNull(),
  createdAt: at('created_at').notNull().defaultNow(),
});

/** Who is in which workspace, as what. */
export const memberships = pgTable(
  'memberships',
  {
    workspaceId: text('workspace_id')
      .notNull()
      .references(() => workspaces.id, { onDelete: 'cascade' }),
    userId: text('user_id')
      .notNull()
      .references(() => users.id, { onDelete: 'cascade' }),
    role: text('role', { enum: ['owner', 'admin', 'member', 'viewer'] }).notNull(),
    createdAt: at('created_at').notNull().defaultNow(),
  },
  (table) => [
    primaryKey({ columns: [table.workspaceId, table.userId] }),
    index('memberships_user').on(table.userId),
    check('memberships_role', sql`${table.role} in ('owner', 'admin', 'member', 'viewer')`),
  ],
);

/**
 * The index of sessions, told by their owners' actors, which hold the truth. A session may be known here before its
 * owner is: actors do not wait for each other, so there is no foreign key.
 */
export const sessions = pgTable(
  'sessions',
  {
    id: text('id').primaryKey(),
    ownerId: text('owner_id').notNull(),
    workspaceId: text('workspace_id').notNull(),
    name: text('name').notNull(),
    status: text('status').notNull(),
    region: text('region').notNull(),
    createdAt: at('created_at').notNull(),
    lastAccessedAt: at('last_accessed_at').notNull(),
    /** Set when it was deleted; the row stays for reports. */
    deletedAt: at('deleted_at'),
  },
  (table) => [
    index('sessions_workspace').on(table.workspaceId, table.createdAt),
    index('sessions_owner').on(table.ownerId, table.createdAt),
  ],
);
