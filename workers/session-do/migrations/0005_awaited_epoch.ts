/** The epoch a host is on its way for. */
export default `
ALTER TABLE session ADD COLUMN awaited_epoch integer NOT NULL DEFAULT 0;
--> statement-breakpoint
UPDATE session SET awaited_epoch = epoch;
`;
