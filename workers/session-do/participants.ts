import { CloseCode } from '../../protocol/close-codes.ts';
import type { Participant, Role } from '../../protocol/messages/session.ts';
import type { SessionToViewer } from '../../protocol/messages/viewer.ts';
import { HELLO_TIMEOUT_MS } from './limits.ts';
import type { Parts } from './parts.ts';
import { ViewerSocket, type Arrival } from './viewer-socket.ts';

/** The viewers' sockets of a session and who is behind them. */
export class Participants {
  readonly #parts: Parts;
  /** In the order in which they were accepted. */
  readonly #sockets = new Map<WebSocket, ViewerSocket>();
  /** Until the next socket has to have said `hello`. In memory: it is over before an idle actor is put to sleep. */
  #silence: ReturnType<typeof setTimeout> | null = null;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** Takes up sockets that were there before the actor woke. */
  restore(sockets: WebSocket[]): void {
    const viewers = sockets.flatMap((ws) => {
      const viewer = ViewerSocket.restore(ws, this.#parts.access.check);
      if (viewer === null) ws.close(CloseCode.GoingAway, 'reconnect');
      return viewer ?? [];
    });
    viewers.sort((a, b) => a.acceptedAtMs - b.acceptedAtMs);
    for (const viewer of viewers) this.#sockets.set(viewer.ws, viewer);
    this.#awaitHello();
  }

  /** Takes in a fresh socket; it has to say `hello` soon. */
  arrive(ws: WebSocket, arrival: Arrival): void {
    const { access } = this.#parts;
    const viewer = ViewerSocket.arrive(ws, arrival, access.check);
    this.#sockets.set(ws, viewer);
    access.check(viewer);
    this.#awaitHello();
  }

  /** A viewer said `hello`: nothing needs to keep the actor awake for it. */
  greeted(): void {
    this.#awaitHello();
  }

  get(ws: WebSocket): ViewerSocket | undefined {
    return this.#sockets.get(ws);
  }

  /** Sockets, with or without `hello`. */
  get count(): number {
    return this.#sockets.size;
  }

  /** Those of one user. */
  countOf(userId: string): number {
    let count = 0;
    for (const viewer of this.#sockets.values()) if (viewer.userId === userId) count += 1;
    return count;
  }

  /** Viewers past `hello`. */
  *present(): IterableIterator<ViewerSocket> {
    for (const viewer of this.#sockets.values()) if (viewer.client !== null && !viewer.closed) yield viewer;
  }

  get presentCount(): number {
    return [...this.present()].length;
  }

  /** Who is here, each client once. */
  list(): Participant[] {
    return [...this.present()].flatMap((viewer) => viewer.participant ?? []);
  }

  /**
   * Of the sockets of one client only the one accepted last stays, whichever said hello last: a hello that the network
   * held up ends no newer socket. The input stream number stays. Out: false when it is `viewer` that had to go.
   */
  keepNewest(viewer: ViewerSocket): boolean {
    const same = [...this.present()].filter(
      (other) => other.userId === viewer.userId && other.client?.id === viewer.client?.id,
    );
    const newest = same.pop() ?? viewer;
    for (const older of same) {
      older.close(CloseCode.Replaced, 'this client connected again');
      this.leave(older.ws, false);
    }
    return newest === viewer;
  }

  /** A user's role is this now; null: they are no member any more, and their sockets end. */
  roleChanged(userId: string, role: Role | null): void {
    for (const viewer of [...this.#sockets.values()].filter((one) => one.userId === userId)) {
      if (role === null) {
        viewer.fail('forbidden', 'The session is no longer shared with you.');
        viewer.close(CloseCode.Forbidden, 'no longer a member');
        this.leave(viewer.ws);
      } else if (viewer.changeRole(role)) {
        if (viewer.client === null) continue;
        viewer.send({ type: 'role', role: viewer.role });
        this.#parts.hub.roleChanged(viewer);
        this.#parts.presence.changed(viewer);
      }
    }
    if (role === null) this.#parts.places.release(userId);
  }

  /** A socket is gone. `announce` false: its successor is announced instead. */
  leave(ws: WebSocket, announce = true): void {
    const viewer = this.#sockets.get(ws);
    if (viewer === undefined) return;
    viewer.closed = true;
    this.#sockets.delete(ws);
    this.#parts.hub.detachAll(viewer);
    if (viewer.client === null || this.#parts.records.current === null) return;
    if (!announce) return;
    this.#parts.presence.changed(viewer);
    this.#parts.lifecycle.viewerLeft();
  }

  /** Sends one message to everybody past `hello`, except `except`. */
  broadcast(message: SessionToViewer, except?: ViewerSocket): void {
    const text = JSON.stringify(message);
    for (const viewer of this.present()) if (viewer !== except) viewer.sendMessage(text);
  }

  /** Ends every socket. */
  closeAll(code: CloseCode, reason: string): void {
    for (const viewer of this.#sockets.values()) viewer.close(code, reason);
    for (const viewer of this.#sockets.values()) this.#parts.hub.detachAll(viewer);
    this.#sockets.clear();
    this.#parts.places.release();
    this.#awaitHello();
  }

  /** Times the oldest socket that has not said `hello`, if there is one. */
  #awaitHello(): void {
    if (this.#silence !== null) clearTimeout(this.#silence);
    this.#silence = null;
    const silent = [...this.#sockets.values()].find(({ client }) => client === null);
    if (silent === undefined) return;
    const leftMs = silent.acceptedAtMs + HELLO_TIMEOUT_MS - Date.now();
    this.#silence = setTimeout(() => this.#closeSilent(silent), leftMs);
  }

  #closeSilent(viewer: ViewerSocket): void {
    if (this.#sockets.has(viewer.ws) && viewer.client === null) {
      viewer.fail('hello-expected', `Say hello within ${HELLO_TIMEOUT_MS / 1000} seconds of connecting.`);
      viewer.close(CloseCode.ProtocolError, 'no hello');
      this.leave(viewer.ws);
    }
    this.#awaitHello();
  }
}
