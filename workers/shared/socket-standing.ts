import type { Answer, Asking } from './bounded-cache.ts';
import type { Env } from './env.ts';
import { recentDenials } from './policy/recent-denials.ts';
import type { Decision } from './policy/decide.ts';
import { decideSocket, type SocketAccess } from './policy/socket-access.ts';
import { credentialState, standingIn } from './standing.ts';

type Bindings = Pick<Env, 'USERS' | 'KEYS' | 'WORKSPACES'>;

/**
 * Whether a viewer's socket on a session of `sessionWorkspaceId` may stay, by what is known at most as long ago as `asking`
 * says; at once where this isolate knows. Rejects when an actor that has to be asked does not answer.
 */
export function checkSocket(
  env: Bindings,
  {
    userId,
    access,
    sessionWorkspaceId,
  }: { userId: string; access: SocketAccess; sessionWorkspaceId: string },
  asking: Asking,
): Answer<Decision> | Promise<Answer<Decision>> {
  const { workspaceId } = access;
  const standing = (id: string) => standingIn(env, id, userId, asking);
  const credential = credentialState(env, userId, access.credential, asking);
  const own = workspaceId === null ? NONE : standing(workspaceId);
  const place = workspaceId === sessionWorkspaceId ? NONE : standing(sessionWorkspaceId);
  const decided = (
    ...[first, second, third]: [Settled<typeof credential>, Settled<typeof own>, Settled<typeof place>]
  ): Answer<Decision> => {
    const facts = { credential: first.value, own: second.value, place: third.value };
    const nowMs = Date.now();
    const denials = recentDenials(access.credential ?? undefined);
    return {
      value: decideSocket(access, facts, nowMs, denials),
      askedAtMs: Math.min(first.askedAtMs, second.askedAtMs, third.askedAtMs),
    };
  };
  if (!(credential instanceof Promise || own instanceof Promise || place instanceof Promise))
    return decided(credential, own, place);
  return Promise.all([credential, own, place]).then((answers) => decided(...answers));
}

type Settled<T> = Exclude<T, Promise<unknown>>;

/** Of what nobody has to be asked. */
const NONE: Answer<null> = { value: null, askedAtMs: Infinity };
