/** Where each terminal stands while the session rests. */
export default `ALTER TABLE terminals ADD COLUMN rested text;`;
