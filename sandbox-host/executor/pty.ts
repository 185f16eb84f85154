import { randomBytes } from 'node:crypto';
import { readFileSync, writeSync } from 'node:fs';
import type { TerminalSize } from '../../protocol/messages/session.ts';
import type { SpawnPlan } from '../drivers/driver.ts';
import { ExitMarker } from './exit-marker.ts';
import { PtyProcess } from './pty-process.ts';

/** After a hangup, how long a program may take before it is killed. */
const HANGUP_GRACE_MS = 2_000;
/** How soon to try again when a program does not read its terminal. */
const WRITE_RETRY_MS = 5;
const MAX_TREE = 10_000;
/** Bytes that look like the beginning of the exit marker are output after all when so long nothing followed them. */
const HELD_MS = 10;

/**
 * Runs the plan, then says how it ended in the terminal itself, behind its last byte, and waits to be ended. While it
 * waits it holds the terminal open, so the kernel cannot drop what was not read yet, and the order of bytes is the proof
 * that everything was read. The nonce is outside the sandbox; nothing inside can forge the marker.
 */
const WRAPPER =
  'trap : INT QUIT; nonce=$1; shift; "$@"; code=$?; printf "\\033]7779;%s;%s\\007" "$nonce" "$code"; exec sleep infinity';

/** What a terminal does with its PTY's doings. */
export interface PtyHandlers {
  /** `bytes` are valid until it returns. */
  onOutput(bytes: Buffer): void;
  /** Exactly once, after the last output. `exitCode` as a shell would say it: 128 + n for signal n. */
  onExit(exitCode: number | null): void;
}

/** One pseudo-terminal and the program in it. */
export class Pty {
  readonly #process: PtyProcess;
  readonly #marker: ExitMarker;
  readonly #handlers: PtyHandlers;
  readonly #queue: { bytes: Uint8Array; written: () => void }[] = [];
  #retry: NodeJS.Timeout | null = null;
  #held: NodeJS.Timeout | null = null;
  #ended = false;
  #paused = false;

  /** Starts the program at once. Throws when the system has no more terminals or processes. */
  constructor(plan: SpawnPlan, size: TerminalSize, handlers: PtyHandlers) {
    const nonce = randomBytes(16).toString('hex');
    this.#handlers = handlers;
    this.#marker = new ExitMarker(nonce);
    this.#process = new PtyProcess(
      ['/bin/sh', '-c', WRAPPER, 'sh', nonce, plan.file, ...plan.args],
      plan.env,
      size,
      { onData: (bytes) => this.#onData(bytes), onExit: () => this.#end(null) },
    );
  }

  get pid(): number {
    return this.#process.pid;
  }

  /** Where the slave side can be opened. */
  get path(): string {
    return this.#process.path;
  }

  /** Bytes waiting for the program to read its terminal. */
  get queuedBytes(): number {
    return this.#queue.reduce((sum, entry) => sum + entry.bytes.length, 0);
  }

  /** Queues input; `written` is called once the terminal took all of it. */
  write(bytes: Uint8Array, written: () => void): void {
    this.#queue.push({ bytes, written });
    if (this.#retry === null) this.#flush();
  }

  resize(size: TerminalSize): void {
    if (!this.#ended) this.#process.resize(size);
  }

  pause(): void {
    if (this.#paused) return;
    this.#paused = true;
    this.#process.pause();
  }

  resume(): void {
    if (!this.#paused) return;
    this.#paused = false;
    this.#process.resume();
  }

  /** Hangs up, as closing a terminal window does, and kills what is left after a while. Ends in `onExit`. */
  hangUp(): void {
    if (this.#ended) return;
    const tree = descendants(this.#process.pid);
    for (const pid of tree) signal(pid, 'SIGHUP');
    this.resume();
    setTimeout(() => {
      for (const pid of [...tree, ...descendants(this.#process.pid)]) signal(pid, 'SIGKILL');
    }, HANGUP_GRACE_MS).unref();
  }

  #onData(data: Buffer): void {
    if (this.#ended) return;
    const { output, exitCode } = this.#marker.scan(data);
    for (const bytes of output) this.#handlers.onOutput(bytes);
    if (exitCode !== null) this.#end(exitCode);
    if (this.#held !== null) clearTimeout(this.#held);
    this.#held = this.#marker.holding && !this.#ended ? setTimeout(() => this.#release(), HELD_MS) : null;
  }

  /** Nothing followed what is held back, unless the terminal is not read, or this process was late. */
  #release(): void {
    if (this.#paused) {
      this.#held?.refresh();
      return;
    }
    const held = this.#held;
    setImmediate(() => {
      if (this.#ended || this.#held !== held) return;
      for (const bytes of this.#marker.release()) this.#handlers.onOutput(bytes);
    });
  }

  #end(exitCode: number | null): void {
    if (this.#ended) return;
    this.#ended = true;
    if (this.#retry !== null) clearTimeout(this.#retry);
    if (this.#held !== null) clearTimeout(this.#held);
    this.#queue.length = 0;
    for (const bytes of this.#marker.rest()) this.#handlers.onOutput(bytes);
    signal(this.#process.pid, 'SIGKILL');
    this.#handlers.onExit(exitCode);
  }

  /** The master is non-blocking: a program that does not read makes EAGAIN, and we come back later. */
  #flush(): void {
    this.#retry = null;
    for (let head = this.#queue[0]; head !== undefined && !this.#ended; head = this.#queue[0]) {
      try {
        const count = writeSync(this.#process.fd, head.bytes);
        head.bytes = head.bytes.subarray(count);
      } catch {
        // EAGAIN. Anything else means that the terminal is gone, and its exit empties the queue.
        this.#retry = setTimeout(() => this.#flush(), WRITE_RETRY_MS);
        return;
      }
      if (head.bytes.length === 0) {
        this.#queue.shift();
        head.written();
      }
    }
  }
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch {
    // Gone already.
  }
}

/** A process and everything it started, as far as the kernel still knows the relation. */
function descendants(root: number): number[] {
  const found = [root];
  for (let at = 0; at < found.length && found.length < MAX_TREE; at++) {
    try {
      const children = readFileSync(`/proc/${found[at]}/task/${found[at]}/children`, 'utf8');
      found.push(...children.split(' ').filter(Boolean).map(Number));
    } catch {
      // It ended meanwhile.
    }
  }
  return found;
}
