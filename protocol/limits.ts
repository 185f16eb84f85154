/** Every limit of the wire and of a session, each defined once, with its unit. */

/** Output bytes a producer may have unacknowledged before it pauses the PTY. */
export const OUTPUT_WINDOW_BYTES = 512 * 1024;
/** The PTY resumes once the unacknowledged output is below this. */
export const OUTPUT_RESUME_BYTES = OUTPUT_WINDOW_BYTES / 2;
/** A receiver acknowledges at least every so many consumed bytes: a quarter of a window... */
export const ACK_EVERY_BYTES = 128 * 1024;
/** ...and at the latest so long after it consumed one. */
export const ACK_EVERY_MS = 50;
/** Input bytes a client may have unacknowledged on one stream. The rest waits in its own queue. */
export const INPUT_WINDOW_BYTES = 256 * 1024;
/** Input bytes a client queues in all (a paste) before it refuses more. */
export const INPUT_QUEUE_BYTES = 8 * 1024 * 1024;
/** Input streams (clients) one terminal remembers; refusing more keeps "applied once" true for those it has. */
export const MAX_INPUT_STREAMS = 16_384;
/** Output kept by the executor for replay, per terminal. */
export const REPLAY_RING_BYTES = 2 * 1024 * 1024;
/** Changes of a terminal's size remembered with their places in the kept output; who missed more gets a snapshot. */
export const MAX_SIZE_CHANGES = 256;
/** Output kept in the session actor's memory, per terminal. A viewer further behind gets a snapshot. */
export const VIEWER_LAG_BYTES = 1024 * 1024;
/** A PTY paused this long for want of acks runs on; whoever held it up gets a snapshot later. */
export const STALL_GRACE_MS = 15_000;
/** Scrollback lines a snapshot carries. */
export const SNAPSHOT_SCROLLBACK_LINES = 1_000;
/** Largest screen snapshot: scrollback is left out beyond it. Only a screen that is larger itself exceeds it. */
export const MAX_SNAPSHOT_BYTES = 512 * 1024;
/** Largest JSON control message. */
export const MAX_MESSAGE_BYTES = 64 * 1024;
/** Sessions of one host. */
export const MAX_HOST_SESSIONS = 16_000;
/** Largest control message of a host: its hello names every session it has, in about 60 bytes each. */
export const MAX_HOST_MESSAGE_BYTES = 1024 * 1024;
/** Control messages one host may send per second, and its burst: one for each session whose link fails or ends. */
export const HOST_CONTROL_RATE_PER_S = 100;
export const HOST_CONTROL_BURST = 1_000;
/** Terminals of one session that may be open at once. */
export const MAX_TERMINALS = 32;
/** Viewers' sockets on one session. */
export const MAX_VIEWERS = 200;
/** People one session is shared with. */
export const MAX_MEMBERS = 100;
/** People in one workspace, and teams' workspaces one person is in. */
export const MAX_WORKSPACE_MEMBERS = 1_000;
export const MAX_WORKSPACES = 100;
/** Invitations of a workspace that are open, how long one is good, how often a link may be used, and how long it is listed after. */
export const MAX_INVITATIONS = 200;
export const INVITATION_TTL_MS = 7 * 24 * 3_600_000;
export const MIN_INVITATION_TTL_MS = 60_000;
export const MAX_INVITATION_TTL_MS = 30 * 24 * 3_600_000;
export const MAX_INVITATION_USES = 1_000;
export const INVITATION_KEPT_MS = 30 * 24 * 3_600_000;
/** Share links of one session that are good, how long one is, how often it may be used, and guests in one session. */
export const MAX_SHARE_LINKS = 50;
export const SHARE_LINK_TTL_MS = 7 * 24 * 3_600_000;
export const MIN_SHARE_LINK_TTL_MS = 60_000;
export const MAX_SHARE_LINK_TTL_MS = 90 * 24 * 3_600_000;
export const SHARE_LINK_USES = 20;
export const MAX_SHARE_LINK_USES = 1_000;
export const MAX_GUESTS = 50;
/** A guest's token is good for so long; opening the link again makes it another. */
export const GUEST_TTL_MS = 3_600_000;
/** Sessions that are there at once in one workspace: of one member, and of all. */
export const MAX_USER_SESSIONS = 10_000;
export const MAX_WORKSPACE_SESSIONS = 20_000;
/** Viewers' sockets that one person has open at once, over all sessions. */
export const MAX_USER_SOCKETS = 10_000;
/** API keys one person has. */
export const MAX_API_KEYS = 50;
/** Control messages one viewer may send per second, and its burst. */
export const CONTROL_RATE_PER_S = 50;
export const CONTROL_BURST = 100;
/** Terminal size limits, in cells. */
export const MAX_COLS = 1_000;
export const MAX_ROWS = 500;
export const DEFAULT_COLS = 80;
export const DEFAULT_ROWS = 24;
/** A resize is applied this long after the last one asked for. */
export const RESIZE_DEBOUNCE_MS = 100;
/** Coming, going and looking elsewhere are told at once, then gathered for so long. */
export const PRESENCE_EVERY_MS = 200;
/** Somebody counts as typing for so long after it was said; it is said again this often while they go on. */
export const ACTIVITY_SHOWN_MS = 3_000;
export const ACTIVITY_EVERY_MS = 2_000;
/** Most lines above the newest that a focus tells of. */
export const MAX_SCROLL_LINES = 100_000;
/** Text keepalive, answered by the platform without waking the actor. */
export const KEEPALIVE_INTERVAL_MS = 10_000;
export const KEEPALIVE_TIMEOUT_MS = 8_000;
export const KEEPALIVE_PING = 'ping';
export const KEEPALIVE_PONG = 'pong';
/** Reconnect: at once, then doubling between these with this share of jitter. */
export const RECONNECT_MIN_MS = 250;
export const RECONNECT_MAX_MS = 8_000;
export const RECONNECT_JITTER = 0.3;
/** Life of a single-use ticket (viewer or host). */
export const TICKET_TTL_MS = 30_000;
/**
 * A session through whose stream nothing went for so long gives it back, sandbox and viewers staying as they are, and
 * gets another on the first byte.
 */
export const REST_AFTER_MS = 60_000;
/** Sessions of a host that may give their streams back per second: each wakes its actor once. */
export const REST_RATE_PER_S = 100;
/** A terminal typed into by more clients than this keeps its stream: its rest would have to name them all. */
export const MAX_RESTING_INPUT_STREAMS = 64;
/** Sessions named in one control message of a host. */
export const MAX_SESSIONS_PER_MESSAGE = 200;
/** A host whose control socket has said nothing for so long is lost. */
export const HOST_HEARTBEAT_MS = 5_000;
export const HOST_LOST_MS = 15_000;
/** Session life. */
export const SESSION_TTL_MS = 7 * 24 * 3_600_000;
export const SESSION_IDLE_MS = 30 * 60_000;
