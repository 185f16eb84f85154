import { sql } from 'drizzle-orm';
import {
  bigint,
  check,
  doublePrecision,
  index,
  integer,
  jsonb,
  pgTable,
  primaryKey,
  text,
  timestamp,
  unique,
} from 'drizzle-orm/pg-core';

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

/**
 * What the tables below are told comes from different actors, in no order between them, so none of them refers to
 * another by a foreign key.
 */

/** How people sign in: the subject at an issuer, and what it last said of them. */
export const identities = pgTable(
  'identities',
  {
    issuer: text('issuer').notNull(),
    subject: text('subject').notNull(),
    userId: text('user_id').notNull(),
    email: text('email'),
    createdAt: at('created_at').notNull(),
    lastUsedAt: at('last_used_at').notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.issuer, table.subject] }),
    index('identities_user').on(table.userId),
  ],
);

/** Signed-in devices: each is a family of refresh tokens, of which only the newest is good. No token is here. */
export const refreshFamilies = pgTable(
  'refresh_families',
  {
    id: text('id').primaryKey(),
    userId: text('user_id').notNull(),
    label: text('label').notNull(),
    createdAt: at('created_at').notNull(),
    lastUsedAt: at('last_used_at').notNull(),
    expiresAt: at('expires_at').notNull(),
    revokedAt: at('revoked_at'),
    /** `signed-out`, `reuse`, … */
    revokedWhy: text('revoked_why'),
  },
  (table) => [index('refresh_families_user').on(table.userId)],
);

/** Who was asked into a workspace. The token is known to nobody but its bearer. */
export const invitations = pgTable(
  'invitations',
  {
    id: text('id').primaryKey(),
    workspaceId: text('workspace_id').notNull(),
    /** Whom it is for; null: whoever has the link. */
    email: text('email'),
    role: text('role', { enum: ['admin', 'member', 'viewer'] }).notNull(),
    createdBy: text('created_by').notNull(),
    createdAt: at('created_at').notNull(),
    expiresAt: at('expires_at').notNull(),
    uses: integer('uses').notNull(),
    maxUses: integer('max_uses').notNull(),
    revokedAt: at('revoked_at'),
  },
  (table) => [index('invitations_workspace').on(table.workspaceId, table.createdAt)],
);

/** API keys, without their secrets or hashes of them: those are in the keys' own actors. */
export const apiKeys = pgTable(
  'api_keys',
  {
    id: text('id').primaryKey(),
    userId: text('user_id').notNull(),
    workspaceId: text('workspace_id').notNull(),
    name: text('name').notNull(),
    scopes: text('scopes').array().notNull(),
    createdAt: at('created_at').notNull(),
    expiresAt: at('expires_at'),
    lastUsedAt: at('last_used_at'),
    revokedAt: at('revoked_at'),
  },
  (table) => [index('api_keys_user').on(table.userId), index('api_keys_workspace').on(table.workspaceId)],
);

/** Sandbox hosts, as their regions last saw them. */
export const hosts = pgTable(
  'hosts',
  {
    region: text('region').notNull(),
    id: text('id').notNull(),
    state: text('state').notNull(),
    capacity: integer('capacity').notNull(),
    firstSeenAt: at('first_seen_at').notNull(),
    lastSeenAt: at('last_seen_at').notNull(),
  },
  (table) => [primaryKey({ columns: [table.region, table.id] })],
);

/** The audit log: one gapless hash chain per workspace. `entry` is what the hash was made of. */
export const audit = pgTable(
  'audit',
  {
    workspaceId: text('workspace_id').notNull(),
    seq: bigint('seq', { mode: 'number' }).notNull(),
    id: text('id').notNull(),
    at: at('at').notNull(),
    action: text('action').notNull(),
    actorId: text('actor_id').notNull(),
    targetId: text('target_id').notNull(),
    outcome: text('outcome').notNull(),
    entry: jsonb('entry').notNull(),
    hash: text('hash').notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.workspaceId, table.seq] }),
    unique('audit_id').on(table.workspaceId, table.id),
    index('audit_time').on(table.workspaceId, table.at),
    index('audit_actor').on(table.workspaceId, table.actorId),
  ],
);

/** What sessions used, by day (UTC). Newest word on a session and day. */
export const usage = pgTable(
  'usage',
  {
    workspaceId: text('workspace_id').notNull(),
    sessionId: text('session_id').notNull(),
    userId: text('user_id').notNull(),
    day: text('day').notNull(),
    sandboxMs: bigint('sandbox_ms', { mode: 'number' }).notNull(),
    cpuMs: bigint('cpu_ms', { mode: 'number' }).notNull(),
    spendUsd: doublePrecision('spend_usd').notNull(),
    toldAt: at('told_at').notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.workspaceId, table.sessionId, table.day] }),
    index('usage_day').on(table.workspaceId, table.day),
  ],
);
