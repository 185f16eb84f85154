import { account } from '../app/account-api.ts';
import { useLoaded } from '../ui/use-loaded.ts';

export const loadMe = () => account.me();
export const loadAccount = () => account.account();

/** Own user id; null while not known. */
export function useSelfId(): string | null {
  const { loaded } = useLoaded(loadMe);
  return loaded.state === 'ready' ? loaded.value.user.userId : null;
}
