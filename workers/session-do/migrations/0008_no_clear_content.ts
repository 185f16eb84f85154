/** What is sealed is nowhere else. Tickets live for seconds: whoever has one that is not valid any more gets another. */
export default `
ALTER TABLE session DROP COLUMN name;
--> statement-breakpoint
ALTER TABLE session DROP COLUMN host_message;
--> statement-breakpoint
ALTER TABLE session DROP COLUMN active_tools;
--> statement-breakpoint
ALTER TABLE terminals DROP COLUMN title;
--> statement-breakpoint
ALTER TABLE terminals DROP COLUMN exit;
--> statement-breakpoint
ALTER TABLE terminals DROP COLUMN command;
--> statement-breakpoint
ALTER TABLE members DROP COLUMN display_name;
--> statement-breakpoint
ALTER TABLE events DROP COLUMN data;
--> statement-breakpoint
ALTER TABLE events DROP COLUMN delta;
--> statement-breakpoint
ALTER TABLE events DROP COLUMN checksum;
--> statement-breakpoint
DELETE FROM tickets;
--> statement-breakpoint
ALTER TABLE tickets DROP COLUMN display_name;
`;
