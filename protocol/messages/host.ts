import { z } from 'zod';
import { MAX_RESTING_INPUT_STREAMS, MAX_SESSIONS_PER_MESSAGE, MAX_SIZE_CHANGES } from '../limits.ts';
import { ErrorMessage } from './errors.ts';
import {
  Channel,
  Epoch,
  Offset,
  RequestId,
  SessionId,
  StreamNumber,
  TerminalExit,
  TerminalMode,
  TerminalSize,
} from './session.ts';

/** Limits of one sandbox. Null: not limited. */
export const SandboxLimits = z.object({
  cpus: z.number().positive().default(0.5),
  memoryBytes: z
    .int()
    .positive()
    .default(512 * 1024 * 1024),
  diskBytes: z
    .int()
    .positive()
    .default(1024 * 1024 * 1024),
  maxProcesses: z.int().positive().default(256),
});
export type SandboxLimits = z.infer<typeof SandboxLimits>;

/** What the session actor says of the sandbox it wants. */
export const SandboxSpec = z.object({
  sessionId: SessionId,
  userId: z.string(),
  workspaceId: z.string(),
  limits: SandboxLimits,
});
export type SandboxSpec = z.infer<typeof SandboxSpec>;

/** One terminal as the executor holds it. */
export const HostTerminal = z.object({
  channel: Channel,
  running: z.boolean(),
  cols: z.int(),
  rows: z.int(),
  /** Output bytes produced so far, and the oldest offset that can still be replayed. */
  outputOffset: Offset,
  ringOffset: Offset,
  exit: TerminalExit.nullable(),
});
export type HostTerminal = z.infer<typeof HostTerminal>;

/** Where a terminal stands whose session is quiet: the length of its output, and of each input stream as applied. */
export const QuietTerminal = z.object({
  channel: Channel,
  outputOffset: Offset,
  inputs: z.array(z.tuple([StreamNumber, Offset])).max(MAX_RESTING_INPUT_STREAMS),
});
export type QuietTerminal = z.infer<typeof QuietTerminal>;

/**
 * Control messages of the data socket: session actor to host. The host passes them on to the executor
 * unchanged; the executor answers on the same link. Frames travel beside them.
 */
export const SessionToHost = z.discriminatedUnion('type', [
  /** First message after the socket is accepted: get or create this sandbox. Answered by `sandbox.ready`. */
  z.object({ type: z.literal('sandbox.ensure'), epoch: Epoch, spec: SandboxSpec }),
  /** Stop all processes, keep the workspace. Answered by `sandbox.stopped`. */
  z.object({ type: z.literal('sandbox.suspend') }),
  /** Stop all processes and delete the workspace. Answered by `sandbox.stopped`. */
  z.object({ type: z.literal('sandbox.destroy') }),
  /** Idempotent by channel: opening a channel that exists answers with its state. */
  z.object({
    type: z.literal('terminal.open'),
    channel: Channel,
    size: TerminalSize,
    command: z.array(z.string()).optional(),
  }),
  /** SIGHUP to the terminal's session, then SIGKILL. Ends in `terminal.exited`. */
  z.object({ type: z.literal('terminal.close'), channel: Channel }),
  /** Forget an exited terminal's ring. */
  z.object({ type: z.literal('terminal.forget'), channel: Channel }),
  z.object({ type: z.literal('resize'), channel: Channel, size: TerminalSize }),
  /** Send Output again from `offset`, or a Snapshot (stream 0) if it is no longer kept. */
  z.object({ type: z.literal('replay'), channel: Channel, offset: Offset }),
  /** Answered by Snapshot frames whose `stream` is `request`. Output goes on as it was. */
  z.object({ type: z.literal('snapshot'), channel: Channel, request: z.int().min(1) }),
  /** Answered by an InputResume frame for this stream. */
  z.object({ type: z.literal('input.sync'), channel: Channel, stream: StreamNumber }),
  /** Answered by `terminal.mode`, unless it is not known yet. */
  z.object({ type: z.literal('mode.sync'), channel: Channel }),
  z.object({ type: z.literal('usage'), requestId: RequestId }),
  /** Something the host sent was not of the protocol. */
  ErrorMessage,
]);
export type SessionToHost = z.infer<typeof SessionToHost>;

/** Host (executor) to session actor, on the data socket. */
export const HostToSession = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('sandbox.ready'),
    /** Changes whenever the sandbox's processes were started anew. */
    incarnation: z.string(),
    terminals: z.array(HostTerminal),
    /** Milliseconds it took, and whether processes were already there. */
    startedMs: z.number(),
    adopted: z.boolean(),
  }),
  z.object({
    type: z.literal('sandbox.stopped'),
    reason: z.enum(['suspended', 'destroyed', 'lost']),
    message: z.string().optional(),
  }),
  z.object({ type: z.literal('terminal.opened'), terminal: HostTerminal }),
  z.object({
    type: z.literal('terminal.resized'),
    channel: Channel,
    cols: z.int(),
    rows: z.int(),
    offset: Offset,
  }),
  /** Ahead of Output sent again from `offset`: the change of size in force there, if there was any, and all after it. */
  z.object({
    type: z.literal('terminal.sizes'),
    channel: Channel,
    offset: Offset,
    changes: z.array(z.object({ offset: Offset, cols: z.int(), rows: z.int() })).max(MAX_SIZE_CHANGES),
  }),
  /** The line discipline, looked at when the output stood at `offset`; whenever it was seen to have changed. */
  z.object({ type: z.literal('terminal.mode'), channel: Channel, mode: TerminalMode, offset: Offset }),
  /** After the last Output frame. */
  z.object({ type: z.literal('terminal.exited'), channel: Channel, exit: TerminalExit }),
  z.object({
    type: z.literal('usage'),
    requestId: RequestId,
    cpuMs: z.number(),
    memoryBytes: z.number(),
    diskBytes: z.number(),
    processes: z.number(),
  }),
  /**
   * Nothing went through this stream for a while. The actor closes it with `Resting` unless it has more to say; what the
   * executor has for a session without a stream it announces by `session.wants`.
   */
  z.object({ type: z.literal('session.quiet'), terminals: z.array(QuietTerminal) }),
  ErrorMessage,
]);
export type HostToSession = z.infer<typeof HostToSession>;

/** Control socket: host to RegionDO. `hello` first; heartbeats every HOST_HEARTBEAT_MS. */
export const HostToRegion = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('hello'),
    hostId: z.string().min(1).max(100),
    region: z.string(),
    /** New for every start of the host process. */
    incarnation: z.string(),
    capacity: z.int().min(0),
    sessions: z.array(z.object({ sessionId: SessionId, epoch: Epoch })),
    version: z.string(),
    driver: z.string(),
  }),
  z.object({
    type: z.literal('heartbeat'),
    sessions: z.int(),
    cpuLoad: z.number(),
    freeMemoryBytes: z.number(),
    healthy: z.boolean(),
    message: z.string().optional(),
  }),
  /** A placement could not be taken (or its data socket failed). */
  z.object({ type: z.literal('placement.failed'), sessionId: SessionId, epoch: Epoch, detail: z.string() }),
  z.object({ type: z.literal('session.left'), sessionId: SessionId, epoch: Epoch }),
  /** These sessions have no stream and the executor has something for them: place them again. */
  z.object({
    type: z.literal('session.wants'),
    sessions: z.array(z.object({ sessionId: SessionId, epoch: Epoch })).max(MAX_SESSIONS_PER_MESSAGE),
  }),
]);
export type HostToRegion = z.infer<typeof HostToRegion>;

/** Control socket: RegionDO to host. */
export const RegionToHost = z.discriminatedUnion('type', [
  z.object({ type: z.literal('welcome'), heartbeatMs: z.int() }),
  /** Dial `/host/v1/sessions/:id` with this single-use ticket. */
  z.object({ type: z.literal('place'), sessionId: SessionId, epoch: Epoch, ticket: z.string() }),
  /** Drop the data socket of that epoch; the executor stops that sandbox if the session moved elsewhere. */
  z.object({ type: z.literal('release'), sessionId: SessionId, epoch: Epoch }),
  z.object({ type: z.literal('drain'), reason: z.string() }),
  ErrorMessage,
]);
export type RegionToHost = z.infer<typeof RegionToHost>;
