/** Limits of the region actor alone; those of the wire are in protocol/limits.ts. */

/** A control socket that has not said `hello` after so long is closed. */
export const HELLO_TIMEOUT_MS = 10_000;
/** Bad messages one control socket may send before it is closed with ProtocolError. */
export const MAX_VIOLATIONS = 8;
/** Control sockets of one region. */
export const MAX_CONTROL_SOCKETS = 1_000;
/** A lost host is forgotten after so long. */
export const FORGET_HOST_MS = 24 * 3_600_000;
/** A session that could not be told of its lost placement is told again after so long, and for so long. */
export const TELL_RETRY_MS = 5_000;
export const TELL_FOR_MS = 3_600_000;
/** Placements one session may ask for on average, and at once; several times what a session at the shortest backoff asks. */
export const PLACEMENTS_PER_S = 1;
export const PLACEMENT_BURST = 30;
/** Sessions of which it is remembered how often they asked. */
export const MAX_RATED_SESSIONS = 10_000;
/** Sessions told at the same time. */
export const TELL_CONCURRENCY = 20;
