import { z } from 'zod';
import { base64Url } from '../../shared/ids.ts';
import { oneLine } from '../device-label.ts';

/** Bytes of the hash that a user id is made of. */
const USER_ID_BYTES = 16;
const MAX_NAME_CHARS = 100;

/** Claims that matter to us, of an ID token or the answer of the UserInfo endpoint (OpenID Connect Core, 5.1). */
export const Claims = z.looseObject({
  sub: z.string().min(1).max(255),
  name: z.string().optional().catch(undefined),
  preferred_username: z.string().optional().catch(undefined),
  email: z.string().max(320).optional().catch(undefined),
  // Some issuers send it as text.
  email_verified: z
    .union([z.boolean(), z.literal('true').transform(() => true), z.literal('false').transform(() => false)])
    .optional()
    .catch(undefined),
  auth_time: z.number().optional().catch(undefined),
});
export type Claims = z.infer<typeof Claims>;

/** Somebody who signed in at an issuer. */
export interface Person {
  userId: string;
  displayName: string;
  /** An address the issuer has verified; null: it names none that it has. */
  verifiedEmail: string | null;
}

/**
 * The user id of a subject at an issuer: `u_` and 128 bits of SHA-256 over both. Addresses are no part of it: who controls
 * an address at one issuer is not who controls it at another.
 */
export async function userIdOf(issuer: string, subject: string): Promise<string> {
  const bytes = new TextEncoder().encode(`${issuer}\n${subject}`);
  const hash = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
  return `u_${base64Url(hash.subarray(0, USER_ID_BYTES))}`;
}

/** Who it is, by the claims of an issuer. */
export async function personOf(issuer: string, claims: Claims): Promise<Person> {
  const { sub, name, preferred_username: username, email, email_verified: isVerified } = claims;
  const names = [name, username, email, sub].map((each) => oneLine(each ?? '', MAX_NAME_CHARS));
  return {
    userId: await userIdOf(issuer, sub),
    displayName: names.find((each) => each !== '') ?? 'Somebody',
    verifiedEmail: email !== undefined && email !== '' && isVerified === true ? email : null,
  };
}

/** Whether a provider with this restriction lets somebody in. */
export function isAllowed(person: Person, allowedEmailDomains: readonly string[] | undefined): boolean {
  if (allowedEmailDomains === undefined) return true;
  const domain = person.verifiedEmail?.split('@').at(-1)?.toLowerCase();
  return domain !== undefined && allowedEmailDomains.includes(domain);
}
