import { LOCAL_USER } from './auth.ts';

/**
 * Whether somebody operates the deployment: the one local user, and whoever the setting lists by user id (commas between
 * them; `alex whoami` prints one's own). Asked whenever a token is made, so that a change holds within a token's life.
 */
export function isOperator(setting: string | undefined, userId: string): boolean {
  if (userId === LOCAL_USER.userId) return true;
  return (setting ?? '').split(',').some((entry) => entry.trim() === userId);
}
