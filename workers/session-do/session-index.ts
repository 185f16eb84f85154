import { isGuestId } from '../shared/ids.ts';
import { INDEX_RETRY_MS } from './limits.ts';
import type { Parts } from './parts.ts';
import type { MemberRow, SessionRow } from './schema.ts';
import { toDirectoryRow, toIndexRow } from './session-view.ts';

/** Keeps the members' lists of sessions (UserDO) up to date: flags in storage, drained at once, again by alarm. */
export class SessionIndex {
  readonly #parts: Parts;
  #draining: Promise<void> | null = null;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** Sends the latest state to the lists that lack it. Call after committing `indexDirty: true`. */
  drain(): void {
    this.#parts.ctx.waitUntil(this.flush());
  }

  /** As {@link drain}; settles when the lists were told, or could not be reached. */
  flush(): Promise<void> {
    if (this.#draining === null && this.#behind().length > 0) this.#draining = this.#run();
    return this.#draining ?? Promise.resolve();
  }

  /** Members whose list lacks something; all of them when the record itself has changed. */
  #behind(): MemberRow[] {
    const { records, memberRows } = this.#parts;
    return records.current === null ? [] : memberRows.toTell(records.current.indexDirty);
  }

  async #run(): Promise<void> {
    const { records, timers, log } = this.#parts;
    try {
      for (let behind = this.#behind(); behind.length > 0; behind = this.#behind()) {
        const seen = records.row;
        const lists = behind.map((member) => this.#tell(member, seen));
        await Promise.all(seen.indexDirty ? [...lists, this.#tellWorkspace(seen)] : lists);
        // Changed meanwhile: told again.
        if (records.current === seen && seen.indexDirty) records.patch({ indexDirty: false });
      }
    } catch (error) {
      log('warn', 'session index not reached', { error: String(error) });
      if (records.current !== null) timers.set('index', Date.now() + INDEX_RETRY_MS);
    } finally {
      this.#draining = null;
    }
  }

  /** For the directory, which knows all sessions of a workspace. */
  async #tellWorkspace(row: SessionRow): Promise<void> {
    const { WORKSPACES } = this.#parts.env;
    await WORKSPACES.get(WORKSPACES.idFromName(row.workspaceId)).putSession(toDirectoryRow(row, Date.now()), {
      cpuMs: row.cpuMs,
      diskBytes: row.diskBytes,
    });
  }

  async #tell(member: MemberRow, row: SessionRow): Promise<void> {
    const { env, records, memberRows } = this.#parts;
    // A guest has no list.
    if (isGuestId(member.userId)) return memberRows.told(member);
    const user = env.USERS.get(env.USERS.idFromName(member.userId));
    if (row.deleted || member.role === null) await user.removeSession(row.id);
    else await user.putSession(toIndexRow(row, member, member.role));
    if (records.current !== null) memberRows.told(member);
  }
}
