import { expect, it } from 'vitest';
import { ApiError } from '../client/index.ts';
import { ExitCode } from './errors.ts';
import { describeFailure } from './failures.ts';

const refused = new ApiError(401, 'unauthenticated', 'Sign in, or send a bearer token.', null);

it('says of a refused ALEX_TOKEN what to do about that, and of no login how to sign in', () => {
  const withToken = describeFailure(refused, { ALEX_TOKEN: 'alex_x_y' });
  expect([withToken.exitCode, withToken.message]).toEqual([
    ExitCode.NotSignedIn,
    expect.stringContaining('does not take ALEX_TOKEN'),
  ]);
  const without = describeFailure(refused, {});
  expect([without.exitCode, without.message]).toEqual([
    ExitCode.NotSignedIn,
    expect.stringContaining('alex login'),
  ]);
});

it('names commands of its own, not requests of the API', () => {
  const detail = 'There is no such workspace; GET /api/v1/workspaces lists yours.';
  const failure = describeFailure(new ApiError(404, 'not-found', detail, null), {});
  expect(failure.message).toBe('There is no such workspace; "alex workspaces" lists yours.');
  expect(failure.exitCode).toBe(ExitCode.NotFound);
});
