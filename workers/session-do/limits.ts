/** Limits of the session actor alone; those of the wire are in protocol/limits.ts. */

/** A socket that has not said `hello` after so long is closed. Shorter than the platform keeps an idle actor. */
export const HELLO_TIMEOUT_MS = 8_000;
/** While something goes through a viewer's socket, whether it may is asked again after so long; well within the staleness allowed. */
export const ASK_ACCESS_AGAIN_MS = 4_000;
/** How long the actors that know may take to answer that. */
export const ACCESS_TIMEOUT_MS = 2_000;
/** A viewer stays so long while they do not answer; then its socket is closed, to come back once they do. */
export const MAX_UNCHECKED_MS = 5 * 60_000;
/** What may wait for the answer, of one viewer, both ways; one for whom more would wait has to connect again. */
export const MAX_HELD_BYTES = 4 * 1024 * 1024;
/** How long the user's actor may take to say whether one more socket fits. */
export const PLACE_ANSWER_TIMEOUT_MS = 5_000;
/** Bad frames and messages one socket may send before it is closed with ProtocolError. */
export const MAX_VIOLATIONS = 16;
/** Unspent tickets a session keeps at once. */
export const MAX_OUTSTANDING_TICKETS = 500;
/** A viewer's ticket is stored when it was not spent after so long. Shorter than the platform keeps an idle actor. */
export const STORE_TICKETS_AFTER_MS = 8_000;
/** Input streams (distinct clients) a session numbers in its life. */
export const MAX_CLIENT_STREAMS = 100_000;
/** Events kept in the log; older ones are dropped from the front, so that what is left stays gapless. */
export const MAX_EVENTS = 10_000;
/** Events, and JSON characters of events, in one answer to `events.since`. */
export const EVENTS_PAGE = 200;
export const EVENTS_PAGE_CHARS = 48 * 1024;
/** Ended terminals still listed; older ones are forgotten. */
export const MAX_EXITED_TERMINALS = 32;
/**
 * Last access is written to storage at most this often, and at least so many times within the time after which the
 * session is suspended or expires: after a restart of the actor that time counts from what is stored.
 */
export const TOUCH_EVERY_MS = 5 * 60_000;
export const TOUCHES_PER_IDLE_TIMEOUT = 6;
/** Resource use is sampled this often while the session is active. */
export const USAGE_EVERY_MS = 60_000;
/** How long the region may take to choose a host. */
export const PLACE_TIMEOUT_MS = 5_000;
/** A placement that a restart of the actor cut off is made again within so long; sessions that restart together spread over it. */
export const REPLACE_SPREAD_MS = 1_000;
/** To a region that says it is asked too often, nothing is said for so long, whoever comes. */
export const PLACE_LIMITED_MS = 5_000;
/** How long a placed host may take to dial in, and then to make the sandbox ready. */
export const DIAL_TIMEOUT_MS = 10_000;
export const READY_TIMEOUT_MS = 30_000;
/** The link is not given back so soon after something was sent on it. */
export const REST_SETTLE_MS = 2_000;
/** How long a host may take to confirm that a sandbox stopped. */
export const STOP_TIMEOUT_MS = 30_000;
/** Failed placements in a row before a deleted session gives up on cleaning a workspace nobody can reach. */
export const MAX_CLEANUP_ATTEMPTS = 200;
/** An expired session's record is kept so long, for its owner to see what became of it. */
export const EXPIRED_KEPT_MS = 7 * 24 * 3_600_000;
/** The user's index is told again after so long when it could not be reached. */
export const INDEX_RETRY_MS = 5_000;
/** A viewer's cursor is saved after so many acknowledged bytes, and whenever it has caught up. */
export const SAVE_CURSOR_BYTES = 256 * 1024;
/** Bytes of messages after which a viewer is asked whether it has read them, and how many may be unread. */
export const RECEIPT_EVERY_BYTES = 64 * 1024;
export const MAX_UNREAD_BYTES = 4 * 1024 * 1024;
/** Shortest and longest lives and idle times that may be asked for. */
export const MIN_LIFETIME_MS = 1_000;
export const MAX_LIFETIME_MS = 365 * 24 * 3_600_000;
/** Entries of the audit log that were not told are told again after so long, if the actor did not live to try before. */
export const AUDIT_RETRY_MS = 2_000;
/** Refusals on a socket that are alike are told as one number after so long. */
export const REFUSALS_GATHER_MS = 10_000;
