/** What each event changed, and the checksum after it. */
export default `
ALTER TABLE events ADD COLUMN delta text;
--> statement-breakpoint
ALTER TABLE events ADD COLUMN checksum text NOT NULL DEFAULT '';
`;
