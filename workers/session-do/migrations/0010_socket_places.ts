/** For how many sockets of each user the session keeps a place within that user's limit. */
export default `
CREATE TABLE socket_places (
  user_id text PRIMARY KEY NOT NULL,
  places integer NOT NULL,
  version integer NOT NULL
);
`;
