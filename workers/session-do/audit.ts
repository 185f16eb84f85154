import type { ErrorCode } from '../../protocol/messages/errors.ts';
import { type Act, type ActingParty, draftOf, systemDraft } from '../shared/audit/draft.ts';
import { AuditOutbox } from '../shared/audit/outbox.ts';
import { rememberDenial } from '../shared/policy/recent-denials.ts';
import { AUDIT_RETRY_MS, REFUSALS_GATHER_MS } from './limits.ts';
import type { Parts } from './parts.ts';
import type { ViewerSocket } from './viewer-socket.ts';

/** An act on this session. */
type SessionAct = Omit<Act, 'target' | 'workspaceId'>;

/**
 * Tells the audit log of the session's workspace what is done to the session: who, what, when, never how anything is
 * called or what is in it, which is stored sealed.
 */
export class SessionAudit {
  readonly #parts: Parts;
  readonly #outbox: AuditOutbox;
  #telling: Promise<void> | null = null;
  /** Refusals told of lately, and how many like them were not. */
  readonly #refused = new Map<string, number>();

  constructor(
    parts: Parts,
    storage: DurableObjectStorage,
    env: ConstructorParameters<typeof AuditOutbox>[1],
  ) {
    this.#parts = parts;
    this.#outbox = new AuditOutbox(storage, env);
  }

  /**
   * Records an act; call in the transaction of the act, before what changes rows that are kept in memory as well; where
   * the act is no transaction, before it. `who` null: the product did it by
   * itself. `id`: the same for what may be recorded twice. Throws when it cannot be recorded; then it must not be done.
   */
  note(who: ActingParty | null, act: SessionAct, id?: string): void {
    const { id: sessionId, workspaceId } = this.#parts.records.row;
    const about = { ...act, target: { kind: 'session', id: sessionId }, workspaceId };
    this.#outbox.record(who === null ? systemDraft(about) : draftOf(who, about), id);
    // Once the transaction is through, and still with it in storage.
    this.#telling ??= Promise.resolve().then(() => this.#tell());
    this.#parts.ctx.waitUntil(this.#telling);
  }

  /**
   * Somebody was refused what they asked for on their socket: told at once, and what is like it in the next seconds as a
   * number, because a key that is held down is refused many times.
   */
  denied(userId: string, asked: string): void {
    const key = `${userId}\n${asked}`;
    const more = this.#refused.get(key);
    if (more !== undefined) return void this.#refused.set(key, more + 1);
    this.#refused.set(key, 0);
    this.#tellDenied({ userId }, 'forbidden', { asked });
    setTimeout(() => {
      const count = this.#refused.get(key) ?? 0;
      this.#refused.delete(key);
      if (count > 0 && this.#parts.records.current !== null)
        this.#tellDenied({ userId }, 'forbidden', { asked }, count);
    }, REFUSALS_GATHER_MS);
  }

  /** Somebody's socket ends because of what it stands on. */
  accessEnded({ userId, access }: ViewerSocket, { code, reason }: { code: ErrorCode; reason: string }): void {
    const { credential, address } = access;
    if (credential !== null) rememberDenial(credential);
    const who = {
      userId,
      ...(credential === null ? {} : { credential }),
      ...(address === null ? {} : { address }),
    };
    this.#tellDenied(who, reason, { asked: 'socket', code });
  }

  /** The timer. */
  due(): void {
    this.#telling ??= this.#tell();
    this.#parts.ctx.waitUntil(this.#telling);
  }

  /** Tells what waits. True when the log has everything: then this actor may forget it. */
  settle(): Promise<boolean> {
    return this.#outbox.flush();
  }

  #tellDenied(
    who: Omit<ActingParty, 'workspaceId'>,
    reason: string,
    detail: Record<string, string>,
    count = 1,
  ): void {
    const { ctx, env, log, records } = this.#parts;
    const { id, workspaceId } = records.row;
    const draft = draftOf(
      { ...who, workspaceId },
      { action: 'access.denied', outcome: 'denied', reason, target: { kind: 'session', id }, detail },
    );
    const told = env.WORKSPACES.get(env.WORKSPACES.idFromName(workspaceId)).auditDenied(draft, count);
    ctx.waitUntil(told.catch((error: unknown) => log('warn', 'refusal not noted', { error: String(error) })));
  }

  async #tell(): Promise<void> {
    const { timers, records } = this.#parts;
    try {
      // For whoever comes after this one, should it not live to tell.
      timers.setAtLatest('audit', Date.now() + AUDIT_RETRY_MS);
      await this.#outbox.flush();
      if (records.current === null) return;
      const dueMs = this.#outbox.dueMs();
      if (dueMs === null) timers.clear('audit');
      else timers.set('audit', dueMs);
    } finally {
      this.#telling = null;
    }
  }
}
