import type { OnReadOpts, Socket } from 'node:net';

/** Longest head of an HTTP answer that is waited for. */
const MAX_HEAD_BYTES = 8 * 1024;
const HEAD_END = '\r\n\r\n';

/** The head of an HTTP answer, gathered from however it was cut. */
export class AnswerHead {
  #bytes: Buffer = Buffer.alloc(0);

  /**
   * Takes more bytes. Out: null while the head is not whole; then the status (0 for what is no HTTP), the head, and the
   * bytes that came behind it.
   */
  feed(bytes: Buffer): { status: number; head: Buffer; rest: Buffer } | null {
    this.#bytes = Buffer.concat([this.#bytes, bytes]);
    const end = this.#bytes.indexOf(HEAD_END);
    if (end === -1 && this.#bytes.length <= MAX_HEAD_BYTES) return null;
    const length = end === -1 ? this.#bytes.length : end + HEAD_END.length;
    const status = /^HTTP\/1\.1 (\d{3}) /.exec(this.#bytes.toString('latin1', 0, length))?.[1];
    return {
      status: end === -1 ? 0 : Number(status ?? 0),
      head: this.#bytes.subarray(0, length),
      rest: this.#bytes.subarray(length),
    };
  }
}

/** A socket that reads into one buffer, over and over: no memory is made for what only passes through. */
export function intoOneBuffer(maxBytes: number, receive: (bytes: Buffer) => boolean): OnReadOpts {
  const buffer = Buffer.allocUnsafeSlow(maxBytes);
  return { buffer, callback: (length) => receive(buffer.subarray(0, length)) };
}

/**
 * Passes bytes just read from one socket on to another. False when the system did not take them all at once: their
 * memory is still needed, and `from` is read again when it is not. So nothing is ever queued behind a slow reader.
 */
export function passOn(bytes: Buffer, from: Socket, to: Socket): boolean {
  let held = false;
  to.write(bytes, () => {
    if (held) from.resume();
  });
  held = to.writableLength > 0;
  return !held;
}
