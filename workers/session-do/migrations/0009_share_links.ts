/** Links that let people into the session, and who came by which; guests' membership ends by itself. */
export default `
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
--> statement-breakpoint
ALTER TABLE members ADD COLUMN link_id text;
--> statement-breakpoint
ALTER TABLE members ADD COLUMN expires_at_ms integer;
`;
