import { AccountApi, Api, ApiError, fixedToken, type SignedIn, type TokenSource } from '../client/index.ts';
import { type Login, readLogin, writeLogin } from './config.ts';

/** Asks the edge for new tokens. */
export type Refresh = (url: string, refreshToken: string) => Promise<SignedIn>;

const refreshByApi: Refresh = (url, refreshToken) =>
  new AccountApi(new Api(url, fixedToken(null)).transport).refresh(refreshToken);

/**
 * Tokens of the login file, renewed there. Every `alex` that runs shares them: one that finds its token refused first
 * looks whether another has renewed it meanwhile. Two that renew at once get the same answer.
 */
export class StoredTokens implements TokenSource {
  readonly #path: string;
  readonly #refresh: Refresh;
  #login: Login;

  constructor(path: string, login: Login, refresh: Refresh = refreshByApi) {
    this.#path = path;
    this.#login = login;
    this.#refresh = refresh;
  }

  get token(): string {
    return this.#login.token;
  }

  async renew(): Promise<boolean> {
    const stored = readLogin(this.#path);
    // Somebody signed out, or in elsewhere: this program's login is over.
    if (stored === null || stored.url !== this.#login.url) return false;
    const renewedByAnother = stored.token !== this.#login.token;
    this.#login = stored;
    if (renewedByAnother) return true;
    if (stored.refreshToken === undefined) return false;
    try {
      const login = loginOf(stored.url, await this.#refresh(stored.url, stored.refreshToken));
      writeLogin(this.#path, login);
      this.#login = login;
      return true;
    } catch (error) {
      if (error instanceof ApiError && error.status === 401) return false;
      throw error;
    }
  }
}

/** What is kept of a sign-in. */
export function loginOf(url: string, answer: SignedIn): Login {
  const { accessToken: token, expiresAt, refreshToken, refreshExpiresAt } = answer;
  if (token === undefined || refreshToken === undefined)
    throw new Error(`${url} gave no tokens to this program.`);
  return { url, token, expiresAt, refreshToken, refreshExpiresAt };
}
