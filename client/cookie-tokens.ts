import { ApiError, type FetchFunction, REQUEST_TIMEOUT_MS } from './api-transport.ts';
import type { TokenSource } from './token-source.ts';

/**
 * Tokens of a page: the browser holds them in cookies that no script can read, and the edge renews them there. Tabs that
 * renew at once get the same tokens.
 */
export function cookieTokens(baseUrl: string, fetchBy: FetchFunction): TokenSource {
  return {
    token: null,
    async renew() {
      const response = await fetchBy(new URL('/api/v1/auth/refresh', baseUrl).href, {
        method: 'POST',
        signal: AbortSignal.timeout(REQUEST_TIMEOUT_MS),
      });
      if (response.ok) return true;
      if (response.status === 401 || response.status === 403) return false;
      throw new ApiError(response.status, 'unavailable', 'The edge cannot renew the sign-in now.', null);
    },
  };
}
