import { env, SELF } from 'cloudflare:test';
import { importJWK, SignJWT } from 'jose';
import { z } from 'zod';
import { SUBPROTOCOL } from '../../protocol/close-codes.ts';
import { RegionToHost } from '../../protocol/messages/host.ts';
import { HOST_AUDIENCE } from '../shared/host-auth.ts';
import { ORIGIN } from './api.ts';

/** The host whose public key the Worker under test knows. */
export const TEST_HOST_ID = 'test-host';
/** Longest a test waits for a message or a close. */
const DEADLINE_MS = 5_000;

/** A host's token; `change` makes it one that must be refused. */
export async function hostToken(
  region: string,
  change: { sub?: string; kid?: string; audience?: string; lifeS?: number } = {},
): Promise<string> {
  const jwk = z
    .object({ kty: z.string(), crv: z.string(), x: z.string(), d: z.string() })
    .parse(JSON.parse(env.TEST_HOST_KEY));
  return new SignJWT({ region })
    .setProtectedHeader({ alg: 'EdDSA', kid: change.kid ?? TEST_HOST_ID })
    .setSubject(change.sub ?? TEST_HOST_ID)
    .setAudience(change.audience ?? HOST_AUDIENCE)
    .setExpirationTime(Math.floor(Date.now() / 1000) + (change.lifeS ?? 60))
    .sign(await importJWK(jwk, 'EdDSA'));
}

/** Asks for an upgrade through the gateway. */
export async function upgrade(path: string, headers: Record<string, string>): Promise<Response> {
  return SELF.fetch(`${ORIGIN}${path}`, {
    headers: { upgrade: 'websocket', 'sec-websocket-protocol': SUBPROTOCOL, ...headers },
  });
}

/** The far end of a socket, played by a test: keeps what came and waits for what is to come. */
export class PlayedSocket {
  readonly socket: WebSocket;
  readonly #messages: string[] = [];
  #closed: { code: number; reason: string } | null = null;
  #wake: (() => void) | null = null;

  constructor(socket: WebSocket) {
    this.socket = socket;
    socket.addEventListener('message', ({ data }) => {
      if (typeof data === 'string') this.#messages.push(data);
      this.#wake?.();
    });
    socket.addEventListener('close', ({ code, reason }) => {
      this.#closed = { code, reason };
      this.#wake?.();
    });
    socket.accept();
  }

  /** The next message to a host. Rejects when the socket closes or nothing comes. */
  async next(): Promise<RegionToHost> {
    await this.#until(() => this.#messages.length > 0 || this.#closed !== null, 'a message');
    const text = this.#messages.shift();
    if (text === undefined) throw new Error(`closed with ${this.#closed?.code ?? 0}`);
    return RegionToHost.parse(JSON.parse(text));
  }

  /** Waits for the close; messages before it are passed over. */
  async closed(): Promise<{ code: number; reason: string }> {
    await this.#until(() => this.#closed !== null, 'the close');
    return this.#closed ?? { code: 0, reason: '' };
  }

  send(message: unknown): void {
    this.socket.send(typeof message === 'string' ? message : JSON.stringify(message));
  }

  async #until(done: () => boolean, what: string): Promise<void> {
    const deadlineMs = Date.now() + DEADLINE_MS;
    while (!done()) {
      const leftMs = deadlineMs - Date.now();
      if (leftMs <= 0) throw new Error(`${what} did not come`);
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, leftMs);
        this.#wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
  }
}

/** Dials a control socket as the test host, without hello. */
export async function dialControl(region: string, token?: string): Promise<PlayedSocket> {
  const response = await upgrade('/host/v1/control', {
    authorization: `Bearer ${token ?? (await hostToken(region))}`,
  });
  if (response.webSocket === null) throw new Error(`refused with ${response.status}`);
  return new PlayedSocket(response.webSocket);
}

/** A valid hello of the test host. */
export function hello(region: string, change: Record<string, unknown> = {}): Record<string, unknown> {
  return {
    type: 'hello',
    hostId: TEST_HOST_ID,
    region,
    incarnation: 'incarnation-1',
    capacity: 2,
    sessions: [],
    version: '1',
    driver: 'none',
    ...change,
  };
}

/** Dials, says hello and waits for the welcome. */
export async function joinRegion(
  region: string,
  change: Record<string, unknown> = {},
): Promise<PlayedSocket> {
  const host = await dialControl(region);
  host.send(hello(region, change));
  const welcome = await host.next();
  if (welcome.type !== 'welcome') throw new Error(`welcome expected, got ${welcome.type}`);
  return host;
}
