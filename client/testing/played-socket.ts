import { KEEPALIVE_PING, KEEPALIVE_PONG } from '../../protocol/limits.ts';
import type { ClientSocket, OpenSocket, SocketEvents } from '../socket.ts';

/** The far end of a client's sockets, played by a test. */
export class PlayedNetwork {
  /** Every socket the client opened, oldest first. */
  readonly sockets: PlayedSocket[] = [];
  readonly open: OpenSocket = (url, protocols, events) => {
    const socket = new PlayedSocket(url, protocols, events);
    this.sockets.push(socket);
    return socket;
  };

  /** The newest socket. */
  get current(): PlayedSocket {
    const socket = this.sockets.at(-1);
    if (socket === undefined) throw new Error('no socket was opened');
    return socket;
  }
}

/** One socket, as the client sees it; `tell` is what happens on it. */
export class PlayedSocket implements ClientSocket {
  readonly url: string;
  readonly protocols: string[];
  readonly tell: SocketEvents;
  readonly sent: (string | Uint8Array)[] = [];
  closedByClient = false;
  /** Whether it answers keepalives; a network that swallows everything does not. */
  answers = true;

  constructor(url: string, protocols: string[], tell: SocketEvents) {
    this.url = url;
    this.protocols = protocols;
    this.tell = tell;
  }

  send(data: string | Uint8Array): void {
    if (data !== KEEPALIVE_PING) this.sent.push(data);
    else if (this.answers) this.tell.text(KEEPALIVE_PONG);
  }

  close(): void {
    this.closedByClient = true;
  }

  /** What was sent as JSON. */
  get messages(): { type: string }[] {
    return this.sent.flatMap((data) =>
      typeof data === 'string' ? (JSON.parse(data) as { type: string }) : [],
    );
  }
}
