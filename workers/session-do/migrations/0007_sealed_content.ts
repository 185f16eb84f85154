/** Where what people say and see is sealed. Until ../seal-clear-content.ts has run, the columns that held it are there too. */
export default `
ALTER TABLE session ADD COLUMN content blob;
--> statement-breakpoint
ALTER TABLE terminals ADD COLUMN content blob;
--> statement-breakpoint
ALTER TABLE members ADD COLUMN content blob;
--> statement-breakpoint
ALTER TABLE events ADD COLUMN content blob;
--> statement-breakpoint
ALTER TABLE tickets ADD COLUMN content blob;
`;
