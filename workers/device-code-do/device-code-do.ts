import { DurableObject } from 'cloudflare:workers';
import { Alarms, type AlarmUnit } from '../shared/alarms.ts';
import { draftOf } from '../shared/audit/draft.ts';
import { AuditOutbox } from '../shared/audit/outbox.ts';
import type {
  DeviceCodeRequest,
  DeviceCodeRpc,
  PendingDevice,
  PollAnswer,
} from '../shared/device-code-rpc.ts';
import type { Env } from '../shared/env.ts';
import type { Identity } from '../shared/rpc.ts';
import { answerPoll, type DeviceCode, isUndecided, newDeviceCode } from './poll.ts';

const KEY = 'code';

/**
 * One program that wants to sign in (RFC 8628), under the hash of its user code: it polls until a person has decided, and
 * is told of an approval once. The actor deletes itself when the code has ended and the audit log knows of the decision.
 */
export class DeviceCodeDO extends DurableObject<Env> implements DeviceCodeRpc {
  readonly #audit: AuditOutbox;
  readonly #alarms: Alarms;

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    this.#audit = new AuditOutbox(ctx.storage, env);
    const end: AlarmUnit = {
      name: 'end',
      dueMs: () => this.#code?.expiresAtMs ?? null,
      run: () => this.#end(),
    };
    this.#alarms = new Alarms(ctx.storage, [this.#audit, end]);
    void ctx.blockConcurrencyWhile(() => this.#alarms.arm());
  }

  async begin(request: DeviceCodeRequest): Promise<boolean> {
    if (this.#code !== undefined) return false;
    this.ctx.storage.kv.put(KEY, newDeviceCode(request, Date.now()));
    await this.#alarms.arm();
    return true;
  }

  async look(): Promise<PendingDevice | null> {
    const code = this.#code;
    if (code === undefined || !isUndecided(code, Date.now())) return null;
    return {
      ...{ label: code.label, address: code.address },
      requestedAt: new Date(code.requestedAtMs).toISOString(),
      expiresAt: new Date(code.expiresAtMs).toISOString(),
    };
  }

  async decide(who: Identity, approve: boolean): Promise<boolean> {
    const code = this.#code;
    const nowMs = Date.now();
    if (code === undefined || !isUndecided(code, nowMs)) return false;
    // Whoever does not say when they proved who they are has not done so lately.
    const { userId, displayName, authenticatedAtMs = 0 } = who;
    this.ctx.storage.kv.put<DeviceCode>(KEY, {
      ...code,
      state: approve ? 'approved' : 'denied',
      // The device begins in the person's own workspace, whichever they decided in.
      by: approve ? { userId, displayName, workspaceId: userId, authenticatedAtMs } : null,
    });
    this.#audit.record(
      draftOf(who, {
        ...{ action: 'auth.device', target: { kind: 'device-code', id: this.ctx.id.toString() } },
        ...(approve ? {} : { outcome: 'denied', reason: 'the person said no' }),
        detail: { label: code.label, address: code.address },
      }),
    );
    await this.#alarms.arm();
    return true;
  }

  async poll(secretHash: string): Promise<PollAnswer> {
    const code = this.#code;
    if (code === undefined) return { state: 'expired' };
    const { answer, next } = answerPoll(code, secretHash, Date.now());
    this.ctx.storage.kv.put(KEY, next);
    return answer;
  }

  override async alarm(): Promise<void> {
    await this.#alarms.fire(Date.now());
  }

  async #end(): Promise<void> {
    if (!this.#audit.isEmpty && !(await this.#audit.flush()))
      throw new Error('The audit log is not told yet.');
    await this.ctx.storage.deleteAll();
  }

  get #code(): DeviceCode | undefined {
    return this.ctx.storage.kv.get<DeviceCode>(KEY);
  }
}
