/** What a {@link Connection} needs of a WebSocket; browsers' and `ws`'s both are one. */
export interface ClientSocket {
  send(data: string | Uint8Array<ArrayBuffer>): void;
  close(code?: number, reason?: string): void;
}

/** What a socket tells. After `closed` it tells nothing more. */
export interface SocketEvents {
  opened(): void;
  text(text: string): void;
  bytes(bytes: Uint8Array): void;
  closed(code: number, reason: string): void;
}

/** Opens a WebSocket. Must not throw for a network that is down: that is a `closed`. */
export type OpenSocket = (url: string, protocols: string[], events: SocketEvents) => ClientSocket;

/** Code of a socket that ended without a close frame (RFC 6455 section 7.1.5). */
export const ABNORMAL_CLOSURE = 1006;
