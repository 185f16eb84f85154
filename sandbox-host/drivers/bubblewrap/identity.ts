import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { z } from 'zod';

/** First host uid given to a sandbox, and how many there are. Below lie people and system users. */
const FIRST_UID = 1_200_000_000;
const UID_COUNT = 1_000_000;

const Table = z.record(z.string(), z.int());

/**
 * Gives each workspace a host uid (and gid) of its own and remembers it, so that a process that got out of its
 * namespaces would still be a stranger to every other sandbox's files.
 */
export class UidTable {
  readonly #file: string;
  readonly #uids: Map<string, number>;
  /** Lent to sandboxes that no session has yet; they do not outlive this process's sweep. */
  readonly #lent = new Set<number>();

  constructor(file: string) {
    this.#file = file;
    mkdirSync(dirname(file), { recursive: true });
    this.#uids = new Map(
      Object.entries(existsSync(file) ? Table.parse(JSON.parse(readFileSync(file, 'utf8'))) : {}),
    );
  }

  /** The uid of this session, allotted on first use. Throws when all are taken. */
  get(sessionId: string): number {
    const known = this.#uids.get(sessionId);
    if (known !== undefined) return known;
    const uid = this.lend();
    this.give(uid, sessionId);
    return uid;
  }

  /** A uid that nobody has, until it is given or returned. Throws when all are taken. */
  lend(): number {
    const taken = new Set([...this.#uids.values(), ...this.#lent]);
    for (let uid = FIRST_UID; uid < FIRST_UID + UID_COUNT; uid++) {
      if (taken.has(uid)) continue;
      this.#lent.add(uid);
      return uid;
    }
    throw new Error('All sandbox user ids of this machine are taken.');
  }

  /** A lent uid is this session's from now on, on disk before this returns. */
  give(uid: number, sessionId: string): void {
    this.#uids.set(sessionId, uid);
    this.#save();
    this.#lent.delete(uid);
  }

  /** A lent uid is free again. */
  giveBack(uid: number): void {
    this.#lent.delete(uid);
  }

  /** The session's uid is free again; the workspace is gone. */
  release(sessionId: string): void {
    if (this.#uids.delete(sessionId)) this.#save();
  }

  #save(): void {
    writeFileSync(`${this.#file}.new`, JSON.stringify(Object.fromEntries(this.#uids)), { mode: 0o600 });
    renameSync(`${this.#file}.new`, this.#file);
  }
}
