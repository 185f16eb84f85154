import { z } from 'zod';
import { AUDIT_ACTIONS } from './actions.ts';

/** Longest text in an entry; what is longer is cut and ends in an ellipsis. */
export const MAX_AUDIT_TEXT_CHARS = 200;
/** Most members of `detail`. */
export const MAX_AUDIT_DETAILS = 16;
/** The log of the deployment itself: hosts, operators, callers nobody knows. No workspace has this id. */
export const DEPLOYMENT_STREAM = 'deployment';

/** A text that every store and terminal takes: no control characters, no half of a surrogate pair, not too long. */
const Text = z.string().transform((text) => {
  const clean = text.toWellFormed().replace(/\p{Cc}/gu, '\uFFFD');
  return clean.length <= MAX_AUDIT_TEXT_CHARS
    ? clean
    : `${clean.slice(0, MAX_AUDIT_TEXT_CHARS - 1).toWellFormed()}…`;
});
const Detail = z.union([Text, z.number(), z.boolean()]);
/** The last millisecond that an ISO 8601 text of four-digit years has room for. */
const MAX_INSTANT_MS = Date.parse('9999-12-31T23:59:59.999Z');

export const AuditAction = z.enum(AUDIT_ACTIONS);
export type AuditAction = z.infer<typeof AuditAction>;

/**
 * `allowed`: done, in the transaction of this entry. `denied`: refused. `intended`: about to be done where no transaction
 * reaches; `completed` or `failed` follows, unless nobody lived to say so.
 */
export const AuditOutcome = z.enum(['allowed', 'denied', 'intended', 'completed', 'failed']);
export type AuditOutcome = z.infer<typeof AuditOutcome>;

/** What somebody did or was refused, as the actor that knows of it tells it. Never what is in a terminal, no secret. */
export const AuditDraft = z.strictObject({
  action: AuditAction,
  actor: z.strictObject({
    /** Null: nobody we know. */
    userId: Text.nullable(),
    credential: z.strictObject({ kind: Text, id: Text }).nullable(),
  }),
  target: z.strictObject({ kind: Text, id: Text }),
  /** Whose log it goes to; {@link DEPLOYMENT_STREAM} for what is nobody's in particular. */
  workspaceId: z.string().min(1).max(200),
  outcome: AuditOutcome,
  /** Why, in a few words or an error code. */
  reason: Text.nullable(),
  detail: z
    .record(z.string().regex(/^[a-zA-Z]{1,40}$/), Detail)
    .refine((detail) => Object.keys(detail).length <= MAX_AUDIT_DETAILS, 'too many details'),
  requestId: Text.nullable(),
  /** Where the request came from. */
  address: Text.nullable(),
  atMs: z.int().nonnegative().max(MAX_INSTANT_MS),
});
export type AuditDraft = z.infer<typeof AuditDraft>;

/**
 * A draft with the random id by which it is known however often it is delivered. It may have been written by another
 * release, which knows of more than this one.
 */
export const AuditEntry = AuditDraft.extend({
  ...{ id: z.string().min(16).max(64), action: z.string().regex(/^[a-z-]{1,40}\.[a-z-]{1,40}$/) },
  outcome: z.string().regex(/^[a-z-]{1,40}$/),
});
export type AuditEntry = z.infer<typeof AuditEntry>;
