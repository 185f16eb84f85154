/** Members who are not in the session's workspace: until now everybody but the session's owner was. */
export default `
ALTER TABLE members ADD COLUMN outside integer NOT NULL DEFAULT 0;
--> statement-breakpoint
UPDATE members SET outside = 1 WHERE user_id NOT IN (SELECT owner_id FROM session);
`;
