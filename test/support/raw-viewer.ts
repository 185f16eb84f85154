import { WebSocket } from 'ws';
import { z } from 'zod';
import { SUBPROTOCOL, TICKET_SUBPROTOCOL_PREFIX } from '../../protocol/close-codes.ts';
import { api, type Target } from './api.ts';
import { within } from './deadline.ts';

const TIMEOUT_MS = 10_000;
const Ticket = z.object({ ticket: z.string() });
const Typed = z.looseObject({ type: z.string() });

/** How a raw socket ended. */
export interface Closed {
  code: number;
  reason: string;
}

/** A viewer's socket without any client code: for saying what no good client would. */
export class RawViewer {
  readonly socket: WebSocket;
  readonly closed: Promise<Closed>;
  readonly messages: z.infer<typeof Typed>[] = [];
  readonly #waiting = new Set<() => void>();

  private constructor(socket: WebSocket) {
    this.socket = socket;
    this.closed = new Promise((resolve) => {
      socket.on('close', (code, reason) => resolve({ code, reason: reason.toString() }));
    });
    // A refused handshake closes as well; the close says it all.
    socket.on('error', () => undefined);
    socket.on('message', (data, isBinary) => {
      if (isBinary) return;
      const message = Typed.safeParse(parseJson(String(data)));
      if (!message.success) return;
      this.messages.push(message.data);
      for (const look of [...this.#waiting]) look();
    });
  }

  /** Opens a socket with a ticket of its own, or the given one; with `hello` it has said hello and was welcomed. */
  static async connect(
    target: Target,
    sessionId: string,
    hello = true,
    given: string | null = null,
  ): Promise<RawViewer> {
    const ticket = given ?? (await mintTicket(target, sessionId));
    const url = new URL(`/ws/v1/sessions/${sessionId}`, target.url);
    url.protocol = 'ws:';
    const raw = new RawViewer(new WebSocket(url, [SUBPROTOCOL, `${TICKET_SUBPROTOCOL_PREFIX}${ticket}`]));
    await within(
      new Promise<void>((resolve, reject) => {
        raw.socket.once('open', resolve);
        void raw.closed.then(({ code }) => reject(new Error(`Closed with ${code} instead of opening.`)));
      }),
      TIMEOUT_MS,
      'raw socket to open',
    );
    if (hello) {
      raw.send({ type: 'hello', clientId: `raw-${crypto.randomUUID()}` });
      await raw.message('welcome');
    }
    return raw;
  }

  send(message: unknown): void {
    this.socket.send(JSON.stringify(message));
  }

  /** Waits for a message of this type and takes it (and all before it) off the list. */
  async message(type: string): Promise<z.infer<typeof Typed>> {
    let look: () => void = () => undefined;
    const found = new Promise<z.infer<typeof Typed>>((resolve) => {
      look = () => {
        const at = this.messages.findIndex((message) => message.type === type);
        if (at === -1) return;
        const [message] = this.messages.splice(0, at + 1).slice(-1);
        if (message !== undefined) resolve(message);
      };
      this.#waiting.add(look);
      look();
    });
    try {
      return await within(
        found,
        TIMEOUT_MS,
        `message ${type}; got ${JSON.stringify(this.messages).slice(0, 500)}`,
      );
    } finally {
      this.#waiting.delete(look);
    }
  }

  /** Waits until the other end closes. */
  end(): Promise<Closed> {
    return within(this.closed, TIMEOUT_MS, 'the edge to close the socket');
  }

  close(): void {
    this.socket.terminate();
  }
}

/** A single-use ticket for the session's socket. */
export async function mintTicket(target: Target, sessionId: string): Promise<string> {
  const answer = await api(target, 'POST', `/api/v1/sessions/${sessionId}/tickets`);
  return Ticket.parse(answer.body).ticket;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
