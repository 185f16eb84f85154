import { NewApiKey } from '../../protocol/messages/api-key.ts';
import type { Scope } from '../../protocol/messages/scopes.ts';
import { ask, type Ask } from './api.ts';

/** Makes an API key of whoever has the token. */
export async function newKey(token: string, scopes: Scope[], more: Ask['headers'] = {}): Promise<NewApiKey> {
  const body = { name: 'test', scopes };
  const made = await ask('/api/v1/keys', { method: 'POST', token, body, headers: more });
  if (made.status !== 201) throw new Error(`no key: ${made.status}`);
  return NewApiKey.parse(await made.json());
}
