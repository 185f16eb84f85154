/** WebSocket close codes (RFC 6455 section 7.4.2, private range) and what a peer does on each. */
export const CloseCode = {
  /** Ordinary end. */
  Normal: 1000,
  /** A frame or message that is not of the protocol; do not reconnect with the same bytes. */
  ProtocolError: 4400,
  /** No or a spent ticket, or what you signed in with has ended; get a new ticket, or sign in again, and reconnect. */
  Unauthenticated: 4401,
  /** You may not; do not reconnect. */
  Forbidden: 4403,
  /** The session does not exist, or not for you. */
  NotFound: 4404,
  /** The session was deleted or expired; do not reconnect. */
  Gone: 4410,
  /** Another placement is current; a host stops and does not reconnect with this epoch. */
  StaleEpoch: 4409,
  /** Too much, too fast; back off and reconnect. */
  RateLimited: 4429,
  /** Too many viewers, sockets or terminals. */
  LimitExceeded: 4430,
  /** It does not read what it is sent; reconnect once it does. */
  NotReading: 4431,
  /** The same client connected again; the older socket ends, do not reconnect it. */
  Replaced: 4440,
  /** The server goes away; reconnect at once. */
  GoingAway: 4450,
  /** To a host: the session is quiet and gives its stream back; keep its sandbox, a placement follows when it is used. */
  Resting: 4451,
  /** Whether you may stay cannot be asked now; back off and reconnect. */
  Unavailable: 4453,
} as const;
export type CloseCode = (typeof CloseCode)[keyof typeof CloseCode];

/** Subprotocol names: the version, and the prefix of the one that carries the single-use ticket. */
export const SUBPROTOCOL = 'alex.v1';
export const TICKET_SUBPROTOCOL_PREFIX = 'alex.ticket.';
