/** First shape of the database; see ../schema.ts for what the columns mean. */
export default `
CREATE TABLE session (
  id text PRIMARY KEY NOT NULL,
  name text NOT NULL,
  owner_id text NOT NULL,
  workspace_id text NOT NULL,
  region text NOT NULL,
  status text NOT NULL,
  created_at_ms integer NOT NULL,
  last_accessed_at_ms integer NOT NULL,
  ttl_ms integer NOT NULL,
  idle_timeout_ms integer NOT NULL,
  message_count integer NOT NULL DEFAULT 0,
  active_tools text NOT NULL,
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
  host_message text,
  placement_attempts integer NOT NULL DEFAULT 0,
  incarnation text,
  placed_once integer NOT NULL DEFAULT 0,
  pending_stop text,
  deleted integer NOT NULL DEFAULT 0,
  index_dirty integer NOT NULL DEFAULT 0
);
--> statement-breakpoint
CREATE TABLE terminals (
  channel integer PRIMARY KEY NOT NULL,
  title text NOT NULL,
  cols integer NOT NULL,
  rows integer NOT NULL,
  state text NOT NULL,
  created_at_ms integer NOT NULL,
  exit text,
  command text,
  request_key text UNIQUE
);
--> statement-breakpoint
CREATE TABLE client_streams (
  stream integer PRIMARY KEY NOT NULL,
  client_key text NOT NULL UNIQUE
);
--> statement-breakpoint
CREATE TABLE events (
  seq integer PRIMARY KEY NOT NULL,
  at_ms integer NOT NULL,
  kind text NOT NULL,
  subject text NOT NULL,
  data text NOT NULL
);
--> statement-breakpoint
CREATE TABLE tickets (
  hash text PRIMARY KEY NOT NULL,
  door text NOT NULL,
  expires_at_ms integer NOT NULL,
  user_id text,
  display_name text,
  epoch integer
);
--> statement-breakpoint
CREATE TABLE timers (
  name text PRIMARY KEY NOT NULL,
  at_ms integer NOT NULL
);
`;
