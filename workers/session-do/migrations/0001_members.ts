/** People with roles; tickets that carry less than their owner's. The creator of a session becomes its first owner. */
export default `
CREATE TABLE members (
  user_id text PRIMARY KEY NOT NULL,
  display_name text,
  role text,
  added_at_ms integer NOT NULL,
  index_dirty integer NOT NULL
);
--> statement-breakpoint
INSERT INTO members (user_id, role, added_at_ms, index_dirty) SELECT owner_id, 'owner', created_at_ms, 0 FROM session;
--> statement-breakpoint
ALTER TABLE tickets ADD role text;
`;
