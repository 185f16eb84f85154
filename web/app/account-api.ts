import { AccountApi } from '../../client/api-account.ts';
import { api, leave } from './api.ts';

/** The API of signing in and of who one is. Apart from the other, which a terminal waits for, because a terminal needs none of it. */
export const account = new AccountApi(api.transport);

/** Ends this browser's sign-in, also at the provider it was made with, and goes to where one signs in. */
export async function signOut(): Promise<void> {
  leave((await account.signOut()) ?? '/sign-in');
}
