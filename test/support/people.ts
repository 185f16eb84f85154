import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { importJWK, type JWK, SignJWT } from 'jose';
import { api, type Target } from './api.ts';
import type { Stack } from './stack.ts';

/** Somebody besides the one local user, signed in by the key of the stack. */
export async function personOn(stack: Stack, userId: string, displayName: string): Promise<Target> {
  const jwk: JWK = JSON.parse(readFileSync(join(stack.dataDirectory, 'keys', 'signing.json'), 'utf8'));
  const token = await new SignJWT({ name: displayName, ws: userId })
    .setProtectedHeader({ alg: 'EdDSA' })
    .setIssuer('alex-edge')
    .setAudience('alex-edge-api')
    .setSubject(userId)
    .setJti(crypto.randomUUID())
    .setIssuedAt()
    .setExpirationTime('1h')
    .sign(await importJWK(jwk, 'EdDSA'));
  return { url: stack.url, token };
}

/** Shares a session with somebody; throws when the edge refuses. */
export async function share(owner: Target, sessionId: string, userId: string, role: string): Promise<void> {
  const answer = await api(owner, 'PUT', `/api/v1/sessions/${sessionId}/members/${userId}`, { role });
  if (answer.status !== 200) throw new Error(`share: ${answer.status} ${JSON.stringify(answer.body)}`);
}
