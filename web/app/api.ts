import { AccountApi, Api, ApiError } from '../../client/index.ts';

/** The API of the edge this page came from; the cookie says who asks. */
export const api = new Api(location.origin);
export const account = new AccountApi(api.transport);

/** A sentence for a person, whatever was thrown. */
export function explain(error: unknown): string {
  if (error instanceof ApiError) return error.message;
  return 'The edge cannot be reached. Check your network and try again.';
}

/** Whether the answer means that nobody is signed in. */
export function isSignedOut(error: unknown): boolean {
  return error instanceof ApiError && error.status === 401;
}
