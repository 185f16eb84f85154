import { z } from 'zod';
import { ErrorMessage } from './errors.ts';
import {
  Channel,
  ClientId,
  HostLink,
  Member,
  Offset,
  Participant,
  RequestId,
  Role,
  SessionEvent,
  SessionInfo,
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
  z.object({ type: z.literal('hello'), clientId: ClientId, displayName: z.string().max(80).optional() }),
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
  z.object({ type: z.literal('resize'), channel: Channel, size: TerminalSize }),
  /** Ask for the event log after `seq`. Answered by `events`. */
  z.object({ type: z.literal('events.since'), seq: z.int().min(0) }),
]);
export type ViewerToSession = z.infer<typeof ViewerToSession>;

export const SessionToViewer = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('welcome'),
    clientId: ClientId,
    role: Role,
    session: SessionInfo,
    participants: z.array(Participant),
    host: HostLink,
    /** The client's own input stream number on every channel of this session. */
    stream: z.int().min(1),
    lastSeq: z.int().min(0),
  }),
  z.object({
    type: z.literal('attached'),
    channel: Channel,
    /** `resume`: Output frames follow from `offset`. `snapshot`: Snapshot frames at some later offset come first. */
    mode: z.enum(['resume', 'snapshot']),
    offset: Offset,
    terminal: TerminalInfo,
  }),
  z.object({ type: z.literal('terminal.opened'), requestId: RequestId.nullable(), terminal: TerminalInfo }),
  z.object({ type: z.literal('terminal.updated'), terminal: TerminalInfo }),
  /** The size changed at this output offset: parse everything before it at the old size. */
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
  z.object({ type: z.literal('session.updated'), session: SessionInfo }),
  z.object({ type: z.literal('participants'), participants: z.array(Participant) }),
  /** What you may do has changed. A viewer types, resizes, opens and closes nothing. */
  z.object({ type: z.literal('role'), role: Role }),
  /** Whom the session is shared with, after every change of it. */
  z.object({ type: z.literal('members'), members: z.array(Member) }),
  z.object({ type: z.literal('host'), host: HostLink }),
  z.object({ type: z.literal('event'), event: SessionEvent }),
  z.object({ type: z.literal('events'), events: z.array(SessionEvent), lastSeq: z.int() }),
  ErrorMessage,
]);
export type SessionToViewer = z.infer<typeof SessionToViewer>;
