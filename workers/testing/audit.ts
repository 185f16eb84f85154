import { env, runInDurableObject } from 'cloudflare:test';
import { z } from 'zod';
import { AuditRow } from '../../protocol/audit/row.ts';
import type { Identity } from '../shared/rpc.ts';
import { newUser } from './api.ts';

/** The actor that has a workspace's audit log. */
export const auditActor = (workspaceId: string) => env.WORKSPACES.get(env.WORKSPACES.idFromName(workspaceId));

/** All rows of a workspace's audit log as they lie there, oldest first. */
export async function auditRows(workspaceId: string): Promise<AuditRow[]> {
  const Stored = z.array(z.object({ text: z.string() }));
  const found = await runInDurableObject(auditActor(workspaceId), (_workspace, { storage }) =>
    storage.sql.exec('SELECT text FROM audit ORDER BY seq').toArray(),
  );
  return Stored.parse(found).map(({ text }) => AuditRow.parse(JSON.parse(text)));
}

/** Somebody nobody else in the tests is, who owns their workspace. */
export async function newOwner(): Promise<Identity> {
  const who = newUser();
  await auditActor(who.workspaceId).standing(who.userId);
  return who;
}
