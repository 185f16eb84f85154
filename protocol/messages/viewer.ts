import { z } from 'zod';
import { ErrorMessage } from './errors.ts';
import {
  Channel,
  ClientId,
  DeviceName,
  Focus,
  JsonDocument,
  Offset,
  Participant,
  RequestId,
  Role,
  SessionEvent,
  StreamNumber,
  TerminalExit,
  TerminalInfo,
  TerminalMode,
  TerminalSize,
} from './session.ts';

/**
 * Control messages between a viewer (browser, CLI, program) and its session actor.
 * A viewer says `hello` first; then attaches to terminals, each at the offset it already has.
 */
export const ViewerToSession = z.discriminatedUnion('type', [
  /** First message. `clientId` is chosen by the client and names its input streams across reconnects. */
  z.object({
    type: z.literal('hello'),
    clientId: ClientId,
    device: DeviceName.optional(),
    /** The version of the state it has; the welcome takes it on from there if it can. */
    version: z.int().min(0).optional(),
  }),
  /**
   * Start (or resume) receiving a terminal. `offset` null: an exact screen, then what follows. A number: the bytes
   * from there if still kept, otherwise a screen. Answered by `attached`, then frames; and an InputResume frame.
   */
  z.object({ type: z.literal('attach'), channel: Channel, offset: Offset.nullable() }),
  z.object({ type: z.literal('detach'), channel: Channel }),
  /** Opens a terminal; the same `requestId` from the same client opens it once. Answered by `terminal.opened`. */
  z.object({
    type: z.literal('terminal.open'),
    requestId: RequestId,
    size: TerminalSize,
    title: z.string().max(200).optional(),
    /** Program and arguments; the login shell when absent. */
    command: z.array(z.string().max(4096)).min(1).max(64).optional(),
  }),
  z.object({ type: z.literal('terminal.close'), channel: Channel }),
  z.object({ type: z.literal('terminal.rename'), channel: Channel, title: z.string().min(1).max(200) }),
  /**
   * The size of this viewer's window on a terminal, and whether it can be seen now. The terminal has the size of the
   * window that was last typed in, of those that are visible and may type; `take` asks for it without typing.
   */
  z.object({
    type: z.literal('resize'),
    channel: Channel,
    size: TerminalSize,
    visible: z.boolean().default(true),
    take: z.boolean().default(false),
  }),
  /** The terminal this viewer looks at, and how far it is scrolled up; null: none. Others learn it a moment later. */
  z.object({ type: z.literal('focus'), focus: Focus.nullable() }),
  /** Answered by `participants`, for whose list does not fit the `count` of a `presence`. */
  z.object({ type: z.literal('participants.get') }),
  /** Ask for the events after a version. Answered by `events`, or by `state` when the log does not reach back. */
  z.object({ type: z.literal('events.since'), version: z.int().min(0) }),
  /** Ask for the whole state. Answered by `state`. */
  z.object({ type: z.literal('state.get') }),
  /** Ask whether the state is the newest. Answered by an `event` of kind `HEARTBEAT`. */
  z.object({ type: z.literal('sync.check') }),
  /** The answer to `receipt.wanted`. */
  z.object({ type: z.literal('receipt'), position: z.int().min(0) }),
]);
export type ViewerToSession = z.infer<typeof ViewerToSession>;

export const SessionToViewer = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('welcome'),
    clientId: ClientId,
    role: Role,
    participants: z.array(Participant),
    /** The client's own input stream number on every channel of this session. */
    stream: z.int().min(1),
    /** Of the shared state as it is. */
    version: z.int().min(0),
    checksum: z.string(),
    /** Exactly one of the two: the whole state, or the events since the version that `hello` named. */
    state: JsonDocument.optional(),
    events: z.array(SessionEvent).optional(),
  }),
  z.object({
    type: z.literal('attached'),
    channel: Channel,
    /** `resume`: Output frames follow from `offset`. `snapshot`: Snapshot frames at some later offset come first. */
    mode: z.enum(['resume', 'snapshot']),
    offset: Offset,
    terminal: TerminalInfo,
  }),
  z.object({ type: z.literal('terminal.opened'), requestId: RequestId, terminal: TerminalInfo }),
  /**
   * The size changed at this output offset: parse everything before it at the old size. Those that somebody who attaches may
   * have missed are told again, in order; one that is not newer than the newest known is to be passed over.
   */
  z.object({
    type: z.literal('terminal.resized'),
    channel: Channel,
    cols: z.int(),
    rows: z.int(),
    offset: Offset,
  }),
  /** The line discipline when the output stood at `offset`: to an attached viewer, first and whenever it changed. */
  z.object({ type: z.literal('terminal.mode'), channel: Channel, mode: TerminalMode, offset: Offset }),
  /** Sent to an attached viewer after the last output byte (`exit.offset`). */
  z.object({ type: z.literal('terminal.exited'), channel: Channel, exit: TerminalExit }),
  z.object({ type: z.literal('participants'), participants: z.array(Participant) }),
  /** Who came or changed, and who left (streams), gathered over a moment. `count`: how many are here now. */
  z.object({
    type: z.literal('presence'),
    here: z.array(Participant),
    left: z.array(StreamNumber),
    count: z.int(),
  }),
  /** Somebody types in a terminal; so for `forMs` milliseconds, or longer if said again. */
  z.object({ type: z.literal('activity'), channel: Channel, stream: StreamNumber, forMs: z.int().min(0) }),
  /** Whose window a terminal's size follows now; null: nobody's. */
  z.object({ type: z.literal('terminal.sizer'), channel: Channel, stream: StreamNumber.nullable() }),
  /** What you may do has changed. A viewer types, resizes, opens and closes nothing. */
  z.object({ type: z.literal('role'), role: Role }),
  /** The shared state changed; in order, to everybody past `hello`. Or the answer to `sync.check`. */
  z.object({ type: z.literal('event'), event: SessionEvent }),
  /** A page of the log; `version`: the newest there is. */
  z.object({ type: z.literal('events'), events: z.array(SessionEvent), version: z.int().min(0) }),
  /** Answer with a `receipt` of this position: a viewer that does not is taken not to read, and given up. */
  z.object({ type: z.literal('receipt.wanted'), position: z.int().min(0) }),
  z.object({ type: z.literal('state'), version: z.int().min(0), checksum: z.string(), state: JsonDocument }),
  ErrorMessage,
]);
export type SessionToViewer = z.infer<typeof SessionToViewer>;
