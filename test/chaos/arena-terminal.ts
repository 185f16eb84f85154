import { closeSync, constants, existsSync, openSync, readFileSync, readSync } from 'node:fs';
import { Socket } from 'node:net';
import type { TerminalSize } from '../../protocol/messages/session.ts';
import { until } from '../support/deadline.ts';
import { sandboxRoot, sizeInside } from './inside.ts';
import { type Fault, TypedTruth } from './truth.ts';
import { TypingLog } from './typing-log.ts';
import { inputOf, outputOf, type TerminalSpec } from './world.ts';

const START_TIMEOUT_MS = 60_000;
const READ_BYTES = 1024 * 1024;

/** A difference from the truth. */
export interface Wrong {
  terminal: string;
  direction: 'input' | 'output';
  fault: Fault | 'screen' | 'promise';
  detail: string;
}

/**
 * One terminal of the arena, from the inside: the pipe its program prints from, the file it writes what it read to, and
 * what every client typed into it.
 */
export class ArenaTerminal {
  readonly spec: TerminalSpec;
  channel = 0;
  /** Bytes handed to the program to print. */
  printed = 0;
  /** The newest size of each client's window on it, by the client's name. */
  readonly windows = new Map<string, TerminalSize>();
  /** Its size has been the same for all output from here on; null: it is changing. */
  steadyFrom: number | null = 0;
  /** No more will be printed: the program ends behind the last byte. */
  ending = false;
  readonly #typists: { log: TypingLog; truth: TypedTruth; known: number }[];
  #pipe: Socket | null = null;
  /** Where the sandbox is seen through a process in it, once found. */
  #root: string | null = null;
  #readAt = 0;
  #counted = 0;

  /** `directories`: of the clients that type into it, in the order of their numbers. */
  constructor(spec: TerminalSpec, directories: readonly string[]) {
    this.spec = spec;
    this.#typists = directories.slice(0, spec.typists).map((directory, typist) => ({
      ...{ log: new TypingLog(directory, spec.id), truth: new TypedTruth(inputOf(spec, typist)), known: 0 },
    }));
  }

  /** Waits until the program is there and takes hold of its pipe. */
  async started(): Promise<void> {
    const file = await until(() => this.#find('tmp/out'), START_TIMEOUT_MS, `the program of ${this.spec.id}`);
    // Read and write, so that opening waits for nobody.
    const fd = openSync(file, constants.O_RDWR | constants.O_NONBLOCK);
    this.#pipe = new Socket({ fd, readable: false, writable: true });
    // The program may be killed with everything else.
    this.#pipe.on('error', () => undefined);
  }

  print(bytes: number): void {
    if (this.ending) return;
    this.#pipe?.write(outputOf(this.spec).bytes(this.printed, bytes));
    this.printed += bytes;
  }

  /** Lets the program end once it printed everything. */
  end(): void {
    this.ending = true;
    this.#pipe?.end();
  }

  /** Takes in what was typed and read since the last time. True when all that was typed was read. */
  look(): boolean {
    for (const typist of this.#typists) {
      const pieces = typist.log.read();
      for (const { bytes, certain } of pieces.slice(typist.known)) typist.truth.typed(bytes, certain);
      typist.known = pieces.length;
    }
    this.#readRecord();
    return this.#typists.every(({ truth }) => truth.complete);
  }

  /** Compares what was read with what was typed. `partly`: the program was killed, so the end may be missing. */
  check(partly = false): Wrong[] {
    const wrong = this.#typists.flatMap(({ truth }) => {
      const found = truth.settle(partly);
      return found === null ? [] : [{ terminal: this.spec.id, direction: 'input' as const, ...found }];
    });
    const starts = this.#find('workspace/starts');
    const times = starts === null ? 0 : readFileSync(starts, 'latin1').split('\n').length - 1;
    if (times <= 1) return wrong;
    return [
      ...wrong,
      { terminal: this.spec.id, direction: 'input', fault: 'promise', detail: `started ${times} times` },
    ];
  }

  /** Bytes found to be right since the last call. */
  takeSettledBytes(): number {
    const settled = this.#typists.reduce((sum, { truth }) => sum + truth.settledBytes, 0);
    const fresh = settled - this.#counted;
    this.#counted = settled;
    return fresh;
  }

  /** Its size as its program sees it, `COLSxROWS`; null when that cannot be seen. */
  sizeInside(): Promise<string | null> {
    return sizeInside(this.spec.session, this.spec.id);
  }

  /** Whether a size is that of one of the windows on it; true as long as there are none. */
  isSizeOfWindow(size: TerminalSize): boolean {
    const same = ({ cols, rows }: TerminalSize): boolean => cols === size.cols && rows === size.rows;
    return this.windows.size === 0 || [...this.windows.values()].some(same);
  }

  /** For a report: where each typist stands. */
  describe(): string {
    const typists = this.#typists.map(({ truth }) => `${truth.readBytes} read of ${truth.offset} typed`);
    const windows = JSON.stringify([...this.windows]);
    return `${this.spec.id} (channel ${this.channel}, printed ${this.printed}, windows ${windows}): ${typists.join('; ')}`;
  }

  close(): void {
    this.#pipe?.destroy();
  }

  #readRecord(): void {
    const file = this.#find('workspace/in');
    if (file === null) return;
    const fd = openSync(file, 'r');
    const chunk = Buffer.alloc(READ_BYTES);
    for (;;) {
      const count = readSync(fd, chunk, 0, READ_BYTES, this.#readAt);
      if (count === 0) break;
      this.#readAt += count;
      const { typists } = this.spec;
      for (const [typist, { truth }] of this.#typists.entries()) {
        const bytes = chunk.subarray(0, count);
        truth.read(
          typists === 1
            ? Buffer.from(bytes)
            : (bytes.filter((value) => value % typists === typist) as Buffer),
        );
      }
    }
    closeSync(fd);
  }

  /** A file of this terminal in its sandbox; null while there is none. */
  #find(name: 'tmp/out' | 'workspace/in' | 'workspace/starts'): string | null {
    const path = (): string => `${this.#root ?? ''}/${name}.${this.spec.id}`;
    if (this.#root === null || !existsSync(path())) this.#root = sandboxRoot(this.spec.session);
    return this.#root !== null && existsSync(path()) ? path() : null;
  }
}
