import type { z } from 'zod';
import { decodeFrame, encodeFrame, type Frame, type FrameKind } from '../../protocol/stream/frame.ts';

/** Longest a test waits for anything. */
const DEADLINE_MS = 5_000;

/** The far end of a socket of the protocol, played by a test: messages and frames, kept until they are asked for. */
export class Peer<Message extends { type: string }> {
  readonly socket: WebSocket;
  readonly frames: Frame[] = [];
  closeCode: number | null = null;
  onMessage: ((message: Message) => void) | null = null;
  onFrame: ((frame: Frame) => void) | null = null;
  readonly #messages: Message[] = [];
  readonly #waiting = new Set<() => void>();

  constructor(socket: WebSocket, schema: z.ZodType<Message>) {
    this.socket = socket;
    socket.binaryType = 'arraybuffer';
    socket.addEventListener('message', ({ data }) => {
      if (typeof data === 'string') {
        const message = schema.parse(JSON.parse(data));
        this.#messages.push(message);
        this.onMessage?.(message);
      } else if (data instanceof ArrayBuffer) {
        const result = decodeFrame(new Uint8Array(data));
        if (!result.ok) throw new Error(`not a frame: ${result.error}`);
        this.frames.push(result.frame);
        this.onFrame?.(result.frame);
      }
      this.#changed();
    });
    socket.addEventListener('close', ({ code }) => {
      this.closeCode = code;
      this.#changed();
    });
    socket.accept();
  }

  send(message: unknown): void {
    this.socket.send(typeof message === 'string' ? message : JSON.stringify(message));
  }

  frame(frame: Parameters<typeof encodeFrame>[0]): void {
    this.socket.send(encodeFrame(frame));
  }

  /** The next message of a type; others before it stay. */
  async take<Type extends Message['type']>(type: Type): Promise<Extract<Message, { type: Type }>> {
    const found = await this.until(
      () => this.#messages.find((message) => message.type === type),
      `a ${type}`,
    );
    this.#messages.splice(this.#messages.indexOf(found), 1);
    return found as Extract<Message, { type: Type }>;
  }

  /** Messages of a type that came and were not taken. They stay. */
  peek<Type extends Message['type']>(type: Type): Extract<Message, { type: Type }>[] {
    return this.#messages.filter(
      (message): message is Extract<Message, { type: Type }> => message.type === type,
    );
  }

  count(type: Message['type']): number {
    return this.peek(type).length;
  }

  /** The next frame of a kind. */
  async takeFrame(kind: FrameKind): Promise<Frame> {
    const found = await this.until(() => this.frames.find((frame) => frame.kind === kind), `a frame ${kind}`);
    this.frames.splice(this.frames.indexOf(found), 1);
    return found;
  }

  closed(): Promise<number> {
    return this.until(() => this.closeCode ?? undefined, 'the close');
  }

  /** Waits until `look` finds something; looks again whenever something came. */
  async until<Found>(look: () => Found | undefined, what: string): Promise<Found> {
    const deadlineMs = Date.now() + DEADLINE_MS;
    for (;;) {
      const found = look();
      if (found !== undefined) return found;
      const leftMs = deadlineMs - Date.now();
      if (leftMs <= 0) throw new Error(`${what} did not come (close code ${this.closeCode ?? 'none'})`);
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, leftMs);
        this.#waiting.add(() => {
          clearTimeout(timer);
          resolve();
        });
      });
    }
  }

  #changed(): void {
    for (const wake of this.#waiting) wake();
    this.#waiting.clear();
  }
}
