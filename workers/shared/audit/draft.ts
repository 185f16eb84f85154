import type { AuditAction, AuditDraft, AuditOutcome } from '../../../protocol/audit/entry.ts';
import type { Identity } from '../rpc.ts';

/** An act, without who did it. */
export interface Act {
  action: AuditAction;
  target: { kind: string; id: string };
  /** `allowed` unless said otherwise. */
  outcome?: AuditOutcome;
  reason?: string;
  /** Facts worth keeping: roles, sizes, names. Never what is in a terminal, no secret. */
  detail?: AuditDraft['detail'];
  /** Whose log it goes to; the workspace of the request unless said otherwise. */
  workspaceId?: string;
}

/** Who does something, as far as the audit log is concerned. */
export type ActingParty = Pick<Identity, 'userId' | 'workspaceId' | 'credential' | 'requestId' | 'address'>;

/** What the audit log is told of an act of somebody's, now. */
export function draftOf(who: ActingParty, act: Act): AuditDraft {
  return {
    action: act.action,
    actor: { userId: who.userId, credential: who.credential ?? null },
    target: act.target,
    workspaceId: act.workspaceId ?? who.workspaceId,
    outcome: act.outcome ?? 'allowed',
    reason: act.reason ?? null,
    detail: act.detail ?? {},
    requestId: who.requestId ?? null,
    address: who.address ?? null,
    atMs: Date.now(),
  };
}

/** What the audit log is told of what the product does by itself, by a clock or a rule. */
export function systemDraft(act: Act & { workspaceId: string }): AuditDraft {
  return {
    ...draftOf({ userId: '', workspaceId: act.workspaceId }, act),
    actor: { userId: null, credential: { kind: 'system', id: act.target.kind } },
  };
}
