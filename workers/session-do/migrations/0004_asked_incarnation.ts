/** Which sandbox each terminal was asked of. Who is starting now may have been asked of one that nobody remembers. */
export default `
ALTER TABLE terminals ADD COLUMN asked_incarnation text;
--> statement-breakpoint
UPDATE terminals SET asked_incarnation = '' WHERE state = 'starting';
`;
