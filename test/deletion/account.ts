import { z } from 'zod';
import { Deletion, DeletionProgress } from '../../protocol/messages/deletion.ts';
import { api, createSession, type Target } from '../support/api.ts';
import { personOn, share } from '../support/people.ts';
import type { Stack } from '../support/stack.ts';

const Id = z.object({ id: z.string() });
const Token = z.object({ token: z.string() });

/** Somebody who has something of everything, and is deleted. */
export class Account {
  readonly userId: string;
  /** What may be found nowhere afterwards: the person and what is theirs alone. */
  readonly ids: readonly string[];
  readonly #stack: Stack;
  readonly #target: Target;
  #deletion: Deletion | null = null;

  private constructor(stack: Stack, target: Target, userId: string, ids: string[]) {
    this.#stack = stack;
    this.#target = target;
    this.userId = userId;
    this.ids = [userId, ...ids];
  }

  /** `teamId`: a workspace of the local user, in which the person gets a place and a session. */
  static async make(stack: Stack, userId: string, teamId: string): Promise<Account> {
    const bearer = await personOn(stack, userId, `Name of ${userId}`);
    const target = await onDevice(stack, bearer);
    const own = await createSession(target, 'own');
    await share(target, own.id, 'local', 'editor');
    await expectOk(target, 'POST', `/api/v1/sessions/${own.id}/share-links`, { role: 'viewer' });
    const alone = Id.parse(await expectOk(target, 'POST', '/api/v1/workspaces', { name: 'Alone' })).id;
    const inAlone = { 'alex-workspace': alone };
    const second = Id.parse(await expectOk(target, 'POST', '/api/v1/sessions', {}, inAlone)).id;
    await expectOk(target, 'POST', `/api/v1/workspaces/${alone}/invitations`, {});
    const invited = await expectOk(stack, 'POST', `/api/v1/workspaces/${teamId}/invitations`, {
      role: 'member',
    });
    const { token } = Token.parse(invited);
    await expectOk(target, 'POST', '/api/v1/invitations/accept', { token });
    await expectOk(target, 'POST', '/api/v1/sessions', {}, { 'alex-workspace': teamId });
    const guest = await createSession(stack, 'shared with the person');
    await share(stack, guest.id, userId, 'viewer');
    const scopes = ['sessions:read'];
    const made = z
      .object({ id: z.string(), key: z.string() })
      .parse(await expectOk(target, 'POST', '/api/v1/keys', { name: 'a key', scopes }));
    await expectOk({ ...target, token: made.key }, 'GET', '/api/v1/sessions');
    const revoked = Id.parse(await expectOk(target, 'POST', '/api/v1/keys', { name: 'revoked', scopes }));
    await expectOk(target, 'DELETE', `/api/v1/keys/${revoked.id}`);
    return new Account(stack, target, userId, [own.id, alone, second]);
  }

  /** Begins the deletion. */
  async delete(): Promise<void> {
    const body = { confirm: this.userId };
    this.#deletion = Deletion.parse(await expectOk(this.#target, 'DELETE', '/api/v1/account', body));
  }

  /** Goes on working, as a page does that does not know yet, until the signal. */
  async goOn(stop: AbortSignal): Promise<void> {
    const asks: [string, string, unknown?][] = [
      ['GET', '/api/v1/sessions'],
      ['POST', '/api/v1/sessions', {}],
      ['POST', '/api/v1/workspaces', { name: 'Late' }],
      ['POST', '/api/v1/keys', { name: 'late', scopes: ['sessions:read'] }],
      ['GET', '/api/v1/audit'],
    ];
    for (let n = 0; !stop.aborted; n += 1) {
      const [method, path, body] = asks[n % asks.length] ?? ['GET', '/api/v1/sessions'];
      await api(this.#target, method, path, body).catch(() => undefined);
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }

  /** How far it is; null while nobody answers. Throws for an answer that cannot be right. */
  async progress(): Promise<DeletionProgress | null> {
    if (this.#deletion === null) throw new Error('Nothing is being deleted.');
    const { of, id, token, startedAt } = this.#deletion;
    const answer = await api(this.#stack, 'POST', '/api/v1/deletions/status', { of, id, token }).catch(
      () => null,
    );
    if (answer?.status !== 200) return null;
    const progress = DeletionProgress.parse(answer.body);
    if (progress.state === 'going' && progress.startedAt !== startedAt)
      throw new Error(`began at ${startedAt}, not at ${progress.startedAt}`);
    return progress;
  }
}

/** A body of an answer that is no problem. */
async function expectOk(
  target: Target,
  method: string,
  path: string,
  body?: unknown,
  headers: Record<string, string> = {},
): Promise<unknown> {
  const answer = await api(target, method, path, body, headers);
  if (answer.status >= 300)
    throw new Error(`${method} ${path}: ${answer.status} ${JSON.stringify(answer.body)}`);
  return answer.body;
}

/** The same person on a device, by a sign-in link. */
async function onDevice(stack: Stack, bearer: Target): Promise<Target> {
  const { url } = z
    .object({ url: z.string() })
    .parse(await expectOk(bearer, 'POST', '/api/v1/auth/sign-in-links'));
  const link = new URL(url).searchParams.get('token');
  const signedIn = await expectOk(bearer, 'POST', '/api/v1/auth/sign-in', { token: link });
  const { accessToken } = z.object({ accessToken: z.string() }).parse(signedIn);
  return { url: stack.url, token: accessToken };
}
