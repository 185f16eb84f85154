import { KEY_CARE_EVERY_MS } from '../shared/vault/vault-care.ts';
import type { Parts } from './parts.ts';

/**
 * The care of the session's data keys: a fresh one in time for what is written now, and none kept that nothing is sealed
 * by any more. Done at every wake, and by alarm for a session that never sleeps or never wakes.
 */
export class Keys {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** Unlocks the vault; call before any row is read or written, while nothing else happens. */
  async unlock(sessionId: string, workspaceId: string): Promise<void> {
    await this.#parts.vault.unlock({ tenant: workspaceId, subject: `session/${sessionId}` });
  }

  /** Call when all rows are loaded. */
  restore(): void {
    this.#tidy();
    this.watch();
  }

  /** Sets the timer; call at creation as well. */
  watch(): void {
    this.#parts.timers.setAtLatest('keys', Date.now() + KEY_CARE_EVERY_MS);
  }

  /** The timer. */
  async due(): Promise<void> {
    const { ctx, records } = this.#parts;
    const { id, workspaceId } = records.row;
    await ctx.blockConcurrencyWhile(() => this.unlock(id, workspaceId));
    this.restore();
  }

  /** Destroys the keys, and with them all content, durably. What is left is what the end of the sandbox takes. */
  async shred(): Promise<void> {
    const { ctx, vault, records, terminalRows, events, audit } = this.#parts;
    ctx.storage.transactionSync(() => {
      audit.note(null, { action: 'data-key.destroy' });
      vault.shred();
      records.patch({ name: '', hostMessage: null, activeTools: [] });
      terminalRows.erase();
      events.erase();
    });
    await ctx.storage.sync();
  }

  /** Seals by the newest key what is not too much, and destroys the keys that no event needs. */
  #tidy(): void {
    const { vault, records, terminalRows, memberRows, events, ctx, audit } = this.#parts;
    if (vault.shredded || !vault.hasOldKeys) return;
    ctx.storage.transactionSync(() => {
      if (vault.rotated) {
        audit.note(null, { action: 'data-key.rotate' });
        records.reseal();
        terminalRows.reseal();
        memberRows.reseal();
      }
      vault.prune(events.oldestRecord());
    });
  }
}
