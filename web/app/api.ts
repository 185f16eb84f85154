import { Api } from '../../client/api.ts';
import { ApiError } from '../../client/api-transport.ts';
import { cookieTokens } from '../../client/cookie-tokens.ts';
import type { TokenSource } from '../../client/token-source.ts';
import { signInEnded } from './signed-in.ts';

/** Whom the page acts for: whoever's cookies this browser has, until it acts as somebody else. */
let source = cookieTokens(location.origin, (url, init) => fetch(url, init));
/** When the tokens can no longer be renewed, the page shows how to sign in. */
const tokens: TokenSource = {
  get token() {
    return source.token;
  },
  async renew() {
    const renewed = await source.renew();
    if (!renewed) signInEnded();
    return renewed;
  },
};

/** From now on the page's requests are somebody else's: a guest's. */
export function actAs(other: TokenSource): void {
  source = other;
}

/** The API of the edge this page came from; the cookie says who asks. */
export const api = new Api(location.origin, tokens);

/** A sentence for a person, whatever was thrown. */
export function explain(error: unknown): string {
  if (error instanceof ApiError) return error.message;
  return 'The edge cannot be reached. Check your network and try again.';
}

/** Whether the answer means that nobody is signed in. */
export function isSignedOut(error: unknown): boolean {
  return error instanceof ApiError && error.status === 401;
}

/** Goes to the sign-in when this browser no longer is; loading the page anew forgets all it knew. */
export function leave(to = '/sign-in'): void {
  sessionStorage.clear();
  localStorage.removeItem('alex.workspace');
  location.assign(to);
}
