import { env } from 'cloudflare:test';
import { z } from 'zod';
import { signSignInToken } from '../shared/auth.ts';
import type { Identity } from '../shared/rpc.ts';
import { ask } from './api.ts';

const Tokens = z.object({ accessToken: z.string(), refreshToken: z.string(), deviceId: z.string() });

/** Signs a program of somebody in. */
export async function signIn(who: Identity, label = 'laptop'): Promise<z.infer<typeof Tokens>> {
  const { token } = await signSignInToken(env.SIGNING_KEY, who);
  const answer = await ask('/api/v1/auth/sign-in', { method: 'POST', body: { token, label } });
  if (answer.status !== 200) throw new Error(`not signed in: ${answer.status}`);
  return Tokens.parse(await answer.json());
}
