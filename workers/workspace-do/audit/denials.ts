import { z } from 'zod';
import { type AuditDraft, AuditEntry } from '../../../protocol/audit/entry.ts';
import { TokenBucket } from '../../shared/token-bucket.ts';
import type { AlarmUnit } from '../../shared/alarms.ts';
import { standIns } from '../../shared/audit/stored.ts';
import { randomId } from '../../shared/ids.ts';
import { createLogger } from '../../shared/log.ts';
import type { AuditChain } from './chain.ts';

/** Refusals that get a row each: so many at once, and one more in so many seconds. The others are counted. */
export const SINGLE_DENIALS = 30;
const SINGLE_EVERY_S = 10;
/** Counted refusals become rows after so long. */
export const COUNT_FOR_MS = 5 * 60_000;
/** Counters at the same time; what has none is counted in one for the rest. */
export const MAX_COUNTERS = 20;
const REST = 'rest';

const Counter = z.object({
  ...{ name: z.string(), count: z.number(), firstMs: z.number(), lastMs: z.number(), draft: z.string() },
});
type Counter = z.infer<typeof Counter>;

/** A refusal as another release may have written it. */
const Draft = AuditEntry.omit({ id: true });
const log = createLogger('audit');

/**
 * Refusals, which strangers can cause at will: the first of them get a row each; beyond that those that are alike are
 * counted in storage, and a row says how many it stands for. None goes unmentioned, and the log cannot be filled.
 */
export class AuditDenials implements AlarmUnit {
  readonly name = 'audit-denials';
  readonly #storage: DurableObjectStorage;
  readonly #chain: AuditChain;
  readonly #single: TokenBucket;

  constructor(storage: DurableObjectStorage, chain: AuditChain) {
    this.#storage = storage;
    this.#chain = chain;
    this.#single = new TokenBucket(1 / SINGLE_EVERY_S, SINGLE_DENIALS, Date.now());
    storage.sql.exec(
      `CREATE TABLE IF NOT EXISTS audit_denials (
         name TEXT PRIMARY KEY, count INTEGER NOT NULL, firstMs INTEGER NOT NULL, lastMs INTEGER NOT NULL, draft TEXT NOT NULL)`,
    );
  }

  /** `count` refusals that are alike. */
  note(draft: AuditDraft, count = 1): void {
    const { actor, address, action, reason } = draft;
    const name = JSON.stringify([actor.userId ?? address, action, reason]);
    const counted = this.#counter(name);
    if (counted === null && count === 1 && this.#single.take(Date.now())) {
      this.#chain.append([{ ...draft, id: randomId(16) }]);
    } else if (counted !== null || this.#counters().length < MAX_COUNTERS) this.#count(name, draft, count);
    else this.#count(REST, { ...draft, actor: { userId: null, credential: null }, address: null }, count);
  }

  dueMs(): number | null {
    const firstMs = Math.min(...this.#counters().map((counter) => counter.firstMs));
    return firstMs === Infinity ? null : firstMs + COUNT_FOR_MS;
  }

  /** Rows for what was counted. */
  run(): void {
    this.#storage.transactionSync(() => {
      for (const counter of this.#counters()) this.#chain.append(this.#entriesOf(counter));
      this.#storage.sql.exec('DELETE FROM audit_denials');
    });
  }

  #count(name: string, draft: AuditDraft, count: number): void {
    const counted = this.#counter(name);
    if (counted === null) {
      this.#storage.sql.exec(
        'INSERT INTO audit_denials (name, count, firstMs, lastMs, draft) VALUES (?, ?, ?, ?, ?)',
        ...[name, count, draft.atMs, draft.atMs, JSON.stringify(draft)],
      );
      return;
    }
    // What the counted ones do not have in common is not said of them.
    const first = draftOf(counted);
    const same =
      first !== null && first.target.id === draft.target.id && first.target.kind === draft.target.kind;
    const common = first !== null && {
      ...first,
      ...(same ? {} : { target: { kind: first.target.kind, id: '*' } }),
      ...{ requestId: null, detail: {} },
    };
    this.#storage.sql.exec(
      'UPDATE audit_denials SET count = count + ?, lastMs = max(lastMs, ?), draft = ? WHERE name = ?',
      ...[count, draft.atMs, common === false ? counted.draft : JSON.stringify(common), name],
    );
  }

  /** What the log is told of counted refusals; of those this release cannot read, the text. */
  #entriesOf(counter: Counter): AuditEntry[] {
    const { name, count, firstMs, lastMs } = counter;
    const told = draftOf(counter);
    if (told === null) {
      log('error', 'counted refusals not readable', { name });
      const stored = { id: `${name}/${firstMs}`, workspaceId: this.#chain.workspaceId ?? '' };
      return standIns({ ...stored, payload: JSON.stringify(counter) }, 'counted refusals', lastMs);
    }
    const times = { firstAt: new Date(firstMs).toISOString(), lastAt: new Date(lastMs).toISOString() };
    return [{ ...told, detail: { ...told.detail, ...times, count }, atMs: lastMs, id: randomId(16) }];
  }

  #counter(name: string): Counter | null {
    const found = this.#storage.sql.exec('SELECT * FROM audit_denials WHERE name = ?', name).toArray();
    return found.length === 0 ? null : Counter.parse(found[0]);
  }

  #counters(): Counter[] {
    return z.array(Counter).parse(this.#storage.sql.exec('SELECT * FROM audit_denials').toArray());
  }
}

/** Null: this release cannot read it. */
function draftOf({ draft }: Counter): z.infer<typeof Draft> | null {
  try {
    return Draft.parse(JSON.parse(draft));
  } catch {
    return null;
  }
}
