import { ApiError } from '../client/index.ts';
import type { Context } from './context.ts';
import { CliError, ExitCode, notSignedIn } from './errors.ts';

/** Turns anything thrown on the way to the edge into one line that says what to do next; `env` is that of `alex`. */
export function describeFailure(error: unknown, env: Context['env']): CliError {
  if (error instanceof ApiError) {
    if (error.status === 401)
      return (env['ALEX_TOKEN'] ?? '') === '' ? notSignedIn(error.message) : BAD_TOKEN;
    if (error.status === 404 || error.status === 410)
      return new CliError(
        ExitCode.NotFound,
        error.message.replace('GET /api/v1/workspaces lists', '"alex workspaces" lists'),
      );
    const request = error.requestId === null ? '' : ` (request ${error.requestId})`;
    return new CliError(ExitCode.Error, `${error.message}${request}`);
  }
  if (error instanceof DOMException && error.name === 'TimeoutError') {
    return new CliError(ExitCode.Error, 'The edge did not answer in time. Is it overloaded? Try again.');
  }
  // What fetch throws when nobody listens or the name does not resolve; the cause has the system's word for it.
  if (error instanceof TypeError && error.cause instanceof Error) {
    const code = 'code' in error.cause ? String(error.cause.code) : error.cause.message;
    return new CliError(
      ExitCode.Error,
      `Cannot reach the edge (${code}). Is it running? "npm start" starts it.`,
    );
  }
  return new CliError(ExitCode.Error, error instanceof Error ? error.message : String(error));
}

const BAD_TOKEN = new CliError(
  ExitCode.NotSignedIn,
  'The edge does not take ALEX_TOKEN: it has ended, was revoked, or is of another edge than ALEX_URL. Set a new one ("alex keys create" makes one), or unset it to use "alex login".',
);
