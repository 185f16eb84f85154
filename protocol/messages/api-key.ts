import { z } from 'zod';
import { nameOf } from './name.ts';
import { UserId } from './session.ts';
import { Scope } from './scopes.ts';

/** Longest life that can be asked for. */
export const MAX_API_KEY_LIFE_MS = 5 * 365 * 24 * 3_600_000;

/** Of the id of a key, which is no secret: 16 characters of base 62. */
export const ApiKeyId = z.string().regex(/^[0-9A-Za-z]{16}$/);

/** A name has no control characters: it is shown in terminals too. */
export const ApiKeyName = nameOf(100);

export const Scopes = z
  .array(Scope)
  .min(1)
  .transform((scopes) => [...new Set(scopes)]);

/** An API key as its owner sees it, without its secret. */
export const ApiKey = z.object({
  id: ApiKeyId,
  name: z.string(),
  scopes: z.array(Scope),
  userId: UserId,
  /** The one workspace it is good for. */
  workspaceId: UserId,
  createdAt: z.iso.datetime(),
  /** Null: never. */
  expiresAt: z.iso.datetime().nullable(),
  /** To the minute; null: not yet. */
  lastUsedAt: z.iso.datetime().nullable(),
});
export type ApiKey = z.infer<typeof ApiKey>;

/** A key that was just made: the one time that its secret is told. */
export const NewApiKey = ApiKey.extend({ key: z.string() });
export type NewApiKey = z.infer<typeof NewApiKey>;
