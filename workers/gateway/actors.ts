import type { Env } from '../shared/env.ts';
import type { Identity, Outcome } from '../shared/rpc.ts';
import { ProblemError } from './context.ts';

/** Stubs by name. Types of the answers are those of the RPC contract. */
export const sessionActor = (env: Env, sessionId: string) =>
  env.SESSIONS.get(env.SESSIONS.idFromName(sessionId));
export const userActor = (env: Env, who: Identity) => env.USERS.get(env.USERS.idFromName(who.userId));
export const workspaceActor = (env: Env, workspaceId: string) =>
  env.WORKSPACES.get(env.WORKSPACES.idFromName(workspaceId));
export const keyActor = (env: Env, keyId: string) => env.KEYS.get(env.KEYS.idFromName(keyId));
export const regionActor = (env: Env, region: string) => env.REGIONS.get(env.REGIONS.idFromName(region));

/** The value of an actor's answer; its error becomes the problem of this request. */
export function unwrap<T>(outcome: Outcome<T>): T {
  if (outcome.ok) return outcome.value;
  throw new ProblemError(outcome.code, outcome.detail);
}
