import { type Api, SessionClient, type TerminalStream } from '../../client/index.ts';
import { openNodeSocket } from '../../client/node-socket.ts';
import { within } from '../../test/support/deadline.ts';

const SIZE = { cols: 80, rows: 24 };
/** Longest a session may wait for anything: the edge may be refusing newcomers for a while. */
const TIMEOUT_MS = 90_000;

/**
 * One viewer of one session with one echo terminal. What is typed follows from the session's number and the offset, so
 * every byte that comes back is checked against what it must be.
 */
export class BenchSession {
  readonly #number: number;
  readonly #client: SessionClient;
  #stream: TerminalStream | null = null;
  #typed = 0;
  #received = 0;
  /** Bytes that came and were not what was typed there. */
  wrongBytes = 0;
  /** The connection stands and was welcomed. */
  connected = false;
  /** Screens in place of bytes: their bytes cannot be checked. */
  screens = 0;
  #changed: () => void = () => undefined;

  constructor(api: Api, sessionId: string, number: number) {
    this.#number = number;
    this.#client = new SessionClient(
      { api, sessionId, openSocket: openNodeSocket },
      {
        state: (state) => {
          this.connected = state.kind === 'connected';
          this.#changed();
        },
      },
    );
  }

  /** Bytes typed and not come back. */
  get missingBytes(): number {
    return this.#typed - this.#received;
  }

  get resting(): boolean {
    return this.#client.state?.host.state === 'resting';
  }

  /** Connects and opens the terminal. */
  async start(): Promise<void> {
    this.#client.connectNow();
    this.#stream = await within(
      this.#client.open(
        { size: SIZE },
        {
          output: (bytes, consumed) => {
            for (const byte of bytes) if (byte !== this.#byteAt(this.#received++)) this.wrongBytes += 1;
            consumed();
            this.#changed();
          },
          screen: (_screen, consumed) => {
            this.screens += 1;
            consumed();
          },
        },
      ),
      TIMEOUT_MS,
      'a terminal',
    );
  }

  /** Types some bytes; resolves when all typed so far has come back, with the milliseconds it took. */
  async type(count: number): Promise<number> {
    const startedAtMs = performance.now();
    const bytes = Uint8Array.from({ length: count }, (_, i) => this.#byteAt(this.#typed + i));
    this.#typed += count;
    const back = new Promise<void>((resolve) => {
      this.#changed = () => {
        if (this.#received >= this.#typed) resolve();
      };
    });
    if (this.#stream?.write(bytes) !== true) throw new Error('The terminal takes no input.');
    await within(back, TIMEOUT_MS, 'what was typed');
    return performance.now() - startedAtMs;
  }

  /** Resolves when the connection stands again. */
  async whenConnected(): Promise<void> {
    if (this.connected) return;
    const connected = new Promise<void>((resolve) => {
      this.#changed = () => {
        if (this.connected) resolve();
      };
    });
    await within(connected, TIMEOUT_MS, 'the connection');
  }

  close(): void {
    this.#client.close();
  }

  #byteAt(offset: number): number {
    return 0x20 + ((this.#number * 7 + offset * 13) % 95);
  }
}
