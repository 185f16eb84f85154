import { type Act, draftOf } from '../shared/audit/draft.ts';
import { randomId } from '../shared/ids.ts';
import type { Identity } from '../shared/rpc.ts';
import type { Parts } from './parts.ts';

/** Bytes of the id by which an entry of the audit log is known. */
const ENTRY_ID_BYTES = 16;

/** Writes an act of somebody's in the workspace into its audit log; call in the transaction of the act. */
export function note(parts: Pick<Parts, 'audit' | 'ctx'>, who: Identity, act: Act): void {
  const draft = draftOf(who, { ...act, workspaceId: parts.ctx.id.name ?? '' });
  parts.audit.append([{ ...draft, id: randomId(ENTRY_ID_BYTES) }]);
}
