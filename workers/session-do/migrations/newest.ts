/**
 * The newest shape, for a database in which nothing is yet: what all migrations make of it, in one statement of a few
 * instead of fifty. An actor keeps every statement it ever ran, so the short way is also the one that takes less memory.
 * Changes with each migration that is added; ../newest-shape.test.ts compares them.
 */
export default `
CREATE TABLE session (
  id text PRIMARY KEY NOT NULL,
  owner_id text NOT NULL,
  workspace_id text NOT NULL,
  region text NOT NULL,
  status text NOT NULL,
  created_at_ms integer NOT NULL,
  last_accessed_at_ms integer NOT NULL,
  ttl_ms integer NOT NULL,
  idle_timeout_ms integer NOT NULL,
  message_count integer NOT NULL DEFAULT 0,
  cpu_ms integer NOT NULL DEFAULT 0,
  memory_bytes integer NOT NULL DEFAULT 0,
  disk_bytes integer NOT NULL DEFAULT 0,
  processes integer NOT NULL DEFAULT 0,
  sampled_at_ms integer,
  last_seq integer NOT NULL DEFAULT 0,
  next_channel integer NOT NULL DEFAULT 1,
  next_stream integer NOT NULL DEFAULT 1,
  epoch integer NOT NULL DEFAULT 0,
  host_id text,
  host_state text NOT NULL DEFAULT 'none',
  placement_attempts integer NOT NULL DEFAULT 0,
  incarnation text,
  placed_once integer NOT NULL DEFAULT 0,
  pending_stop text,
  deleted integer NOT NULL DEFAULT 0,
  index_dirty integer NOT NULL DEFAULT 0,
  awaited_epoch integer NOT NULL DEFAULT 0,
  content blob
);
CREATE TABLE terminals (
  channel integer PRIMARY KEY NOT NULL,
  cols integer NOT NULL,
  rows integer NOT NULL,
  state text NOT NULL,
  created_at_ms integer NOT NULL,
  request_key text UNIQUE,
  rested text,
  asked_incarnation text,
  content blob
);
CREATE TABLE client_streams (
  stream integer PRIMARY KEY NOT NULL,
  client_key text NOT NULL UNIQUE
);
CREATE TABLE events (
  seq integer PRIMARY KEY NOT NULL,
  at_ms integer NOT NULL,
  kind text NOT NULL,
  subject text NOT NULL,
  content blob
);
CREATE TABLE tickets (
  hash text PRIMARY KEY NOT NULL,
  door text NOT NULL,
  expires_at_ms integer NOT NULL,
  user_id text,
  epoch integer,
  role text,
  content blob
) WITHOUT ROWID;
CREATE TABLE timers (
  name text PRIMARY KEY NOT NULL,
  at_ms integer NOT NULL
) WITHOUT ROWID;
CREATE TABLE members (
  user_id text PRIMARY KEY NOT NULL,
  role text,
  added_at_ms integer NOT NULL,
  index_dirty integer NOT NULL,
  outside integer NOT NULL DEFAULT 0,
  content blob,
  link_id text,
  expires_at_ms integer
) WITHOUT ROWID;
CREATE TABLE share_links (
  id text PRIMARY KEY NOT NULL,
  token_hash text NOT NULL UNIQUE,
  role text NOT NULL,
  signed_in_only integer NOT NULL,
  created_by text NOT NULL,
  created_at_ms integer NOT NULL,
  expires_at_ms integer NOT NULL,
  uses integer NOT NULL,
  max_uses integer NOT NULL,
  revoked_at_ms integer
);
CREATE TABLE socket_places (
  user_id text PRIMARY KEY NOT NULL,
  places integer NOT NULL,
  version integer NOT NULL
) WITHOUT ROWID;
`;
