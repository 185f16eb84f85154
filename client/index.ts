export { Api, ApiError } from './api.ts';
export type { SessionSummary } from '../protocol/messages/session.ts';
export type { ConnectionState } from './connection.ts';
export type { ScreenSnapshot } from './screen-assembly.ts';
export { openBrowserSocket } from './browser-socket.ts';
export { type OpenTerminal, SessionClient, type SessionListener } from './session-client.ts';
export type { OpenSocket } from './socket.ts';
export { type InputObserver, type TerminalSink, TerminalStream } from './terminal-stream.ts';
export type { SavedInput } from '../protocol/stream/input-sender.ts';
