/**
 * Tables that are written at every rest and arrival, kept by their own key: with SQLite's hidden one beside it each row that
 * is put in or taken out is two, on disk, in memory and on a bill.
 */
export default `
CREATE TABLE tickets_next (
  hash text PRIMARY KEY NOT NULL,
  door text NOT NULL,
  expires_at_ms integer NOT NULL,
  user_id text,
  epoch integer,
  role text,
  content blob
) WITHOUT ROWID;
--> statement-breakpoint
INSERT INTO tickets_next SELECT hash, door, expires_at_ms, user_id, epoch, role, content FROM tickets;
--> statement-breakpoint
DROP TABLE tickets;
--> statement-breakpoint
ALTER TABLE tickets_next RENAME TO tickets;
--> statement-breakpoint
CREATE TABLE timers_next (
  name text PRIMARY KEY NOT NULL,
  at_ms integer NOT NULL
) WITHOUT ROWID;
--> statement-breakpoint
INSERT INTO timers_next SELECT name, at_ms FROM timers;
--> statement-breakpoint
DROP TABLE timers;
--> statement-breakpoint
ALTER TABLE timers_next RENAME TO timers;
--> statement-breakpoint
CREATE TABLE members_next (
  user_id text PRIMARY KEY NOT NULL,
  role text,
  added_at_ms integer NOT NULL,
  index_dirty integer NOT NULL,
  outside integer NOT NULL DEFAULT 0,
  content blob,
  link_id text,
  expires_at_ms integer
) WITHOUT ROWID;
--> statement-breakpoint
INSERT INTO members_next
  SELECT user_id, role, added_at_ms, index_dirty, outside, content, link_id, expires_at_ms FROM members;
--> statement-breakpoint
DROP TABLE members;
--> statement-breakpoint
ALTER TABLE members_next RENAME TO members;
--> statement-breakpoint
CREATE TABLE socket_places_next (
  user_id text PRIMARY KEY NOT NULL,
  places integer NOT NULL,
  version integer NOT NULL
) WITHOUT ROWID;
--> statement-breakpoint
INSERT INTO socket_places_next SELECT user_id, places, version FROM socket_places;
--> statement-breakpoint
DROP TABLE socket_places;
--> statement-breakpoint
ALTER TABLE socket_places_next RENAME TO socket_places;
`;
