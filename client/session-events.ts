import type { Participant, Role, SessionEvent } from '../protocol/messages/session.ts';
import type { SessionToViewer } from '../protocol/messages/viewer.ts';
import type { SharedState } from '../protocol/sync/shared-state.ts';
import type { ConnectionState } from './connection.ts';
import type { Emitter } from './emitter.ts';
import type { SessionError } from './errors.ts';

/** What a session tells, by name. */
export interface SessionEvents {
  /** Where the connection stands. */
  connection: [state: ConnectionState];
  /** The shared state is another one; `events` say how it became so, and are none when it came whole. */
  changed: [state: SharedState, events: readonly SessionEvent[]];
  /** Who is here. */
  participants: [participants: Participant[]];
  /** What this client may do. */
  role: [role: Role];
  /** Something was refused, or failed, that nobody waits for. */
  error: [error: SessionError];
  /** Every control message, after the client itself has dealt with it. */
  message: [message: SessionToViewer];
}

/** Listeners given at once; every member may be absent. */
export interface SessionListener {
  state?(state: ConnectionState): void;
  changed?(state: SharedState, events: readonly SessionEvent[]): void;
  message?(message: SessionToViewer): void;
}

/** Makes `listener` hear what `events` tell from now on. */
export function addListener(events: Emitter<SessionEvents>, listener: SessionListener): void {
  if (listener.state !== undefined) events.on('connection', (state) => listener.state?.(state));
  if (listener.changed !== undefined) events.on('changed', (...told) => listener.changed?.(...told));
  if (listener.message !== undefined) events.on('message', (message) => listener.message?.(message));
}
