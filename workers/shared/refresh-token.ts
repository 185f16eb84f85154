import { z } from 'zod';

/**
 * The form of a refresh token: `alexr.<user>.<device>.<generation>.<secret>`. User (base64url of the id) and device say
 * which actor and family it belongs to; the secret is what counts.
 */
const FORM =
  /^alexr\.([A-Za-z0-9_-]{1,1100})\.([A-Za-z0-9_-]{22})\.(0|[1-9][0-9]{0,14})\.([A-Za-z0-9_-]{43})$/;
/** Longest refresh token looked at: a user id has at most 200 characters. */
export const MAX_REFRESH_TOKEN_CHARS = 1_200;

const UserId = z.string().min(1).max(200);

/** A refresh token, taken apart. */
export interface RefreshTokenParts {
  userId: string;
  deviceId: string;
  /** How many tokens the family had before this one. */
  generation: number;
  /** 256 bits, base64url. */
  secret: string;
}

export function formatRefreshToken({ userId, deviceId, generation, secret }: RefreshTokenParts): string {
  const user = btoa(String.fromCharCode(...new TextEncoder().encode(userId)));
  const url = user.replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
  return `alexr.${url}.${deviceId}.${generation}.${secret}`;
}

/** Null: not the form of a refresh token. */
export function parseRefreshToken(token: string): RefreshTokenParts | null {
  const [, user = '', deviceId = '', generation = '', secret = ''] =
    (token.length > MAX_REFRESH_TOKEN_CHARS ? null : FORM.exec(token)) ?? [];
  try {
    const bytes = Uint8Array.from(atob(user.replaceAll('-', '+').replaceAll('_', '/')), (character) =>
      character.charCodeAt(0),
    );
    const userId = UserId.parse(new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes));
    return { userId, deviceId, generation: Number(generation), secret };
  } catch {
    return null;
  }
}
