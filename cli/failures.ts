import { ApiError } from '../client/index.ts';
import { CliError, ExitCode, notSignedIn } from './errors.ts';

/** Turns anything thrown on the way to the edge into one line that says what to do next. */
export function describeFailure(error: unknown): CliError {
  if (error instanceof ApiError) {
    if (error.status === 401) return notSignedIn(error.message);
    if (error.status === 404 || error.status === 410) return new CliError(ExitCode.NotFound, error.message);
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
