export { Api } from './api.ts';
export {
  AccountApi,
  type Device,
  type DeviceAuthorization,
  type Me,
  type PendingDevice,
  type Provider,
  type SignedIn,
} from './api-account.ts';
export type { Account } from '../protocol/messages/account.ts';
export { type Host, HostsApi } from './api-hosts.ts';
export { KeysApi } from './api-keys.ts';
export { ApiError, type FetchFunction } from './api-transport.ts';
export { fixedToken, type TokenSource } from './token-source.ts';
export { InvitationsApi, type NewInvitation } from './api-invitations.ts';
export { WorkspacesApi } from './api-workspaces.ts';
export type { Workspace, WorkspaceMember } from '../protocol/messages/workspace.ts';
export { DeletionApi } from './api-deletion.ts';
export { type NewShareLink, ShareLinksApi } from './api-share-links.ts';
export type { Deletion, DeletionProgress } from '../protocol/messages/deletion.ts';
export { connect, type ConnectOptions } from './connect.ts';
export { type OpenOptions, Session } from './session.ts';
export { Terminal, type TerminalEvents } from './terminal.ts';
export { SessionError } from './errors.ts';
export type { Wait } from './deadline.ts';
export { claimTab, type TabLocks, type TabStorage } from './claim-tab.ts';
export { Emitter, type Listener } from './emitter.ts';
export {
  type ClientStorage,
  clientIdIn,
  forgetClientId,
  inputStoreIn,
  memoryStorage,
  webStorage,
} from './storage.ts';
export { type SharedState, terminalsOf } from '../protocol/sync/shared-state.ts';
export type {
  Focus,
  HostLink,
  Member,
  Participant,
  Role,
  SessionEvent,
  SessionInfo,
  SessionSummary,
  TerminalExit,
  TerminalInfo,
  TerminalSize,
} from '../protocol/messages/session.ts';
export { People } from './people.ts';
export type { ConnectionState } from './connection.ts';
export type { ScreenSnapshot } from './screen-assembly.ts';
export type { InputStore } from './input-keeper.ts';
export { openBrowserSocket } from './browser-socket.ts';
export { openSocketBy } from './fetch-socket.ts';
export type { OpenTerminal } from './open-requests.ts';
export { SessionClient } from './session-client.ts';
export type { SessionEvents, SessionListener } from './session-events.ts';
export type { ClientSocket, OpenSocket, SocketEvents } from './socket.ts';
export type { InputObserver, TerminalSink } from './stream-port.ts';
export { TerminalStream } from './terminal-stream.ts';
export { PREDICTION_SETTINGS, type PredictionSetting } from './prediction/policy.ts';
export { PredictiveEcho } from './prediction/predictive-echo.ts';
export type { SavedInput } from '../protocol/stream/input-sender.ts';
