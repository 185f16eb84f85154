/** Exit codes of `alex`; `alex shell` otherwise ends with the shell's own. `Unverified`: whole, but nobody knows whose. */
export const ExitCode = {
  ...({ Ok: 0, Error: 1, Usage: 2, NotSignedIn: 3, NotFound: 4, Unverified: 5 } as const),
};
export type ExitCode = (typeof ExitCode)[keyof typeof ExitCode];

/** A failure a person can act on: printed as one line on standard error, ends `alex` with `exitCode`. */
export class CliError extends Error {
  readonly exitCode: ExitCode;

  /** `message` says what is wrong and what to do next. */
  constructor(exitCode: ExitCode, message: string) {
    super(message);
    this.name = 'CliError';
    this.exitCode = exitCode;
  }
}

/** A connection that ended for good. */
export function connectionEnded({ reason, mustSignIn }: { reason: string; mustSignIn?: true }): CliError {
  return mustSignIn === true ? notSignedIn(reason) : new CliError(ExitCode.Error, reason);
}

/** There is no login, or it has ended. */
export function notSignedIn(reason = 'You are not signed in.'): CliError {
  return new CliError(
    ExitCode.NotSignedIn,
    `${reason} Run "alex login", with the sign-in link that npm start printed or with the address of an edge, or set ALEX_URL and ALEX_TOKEN.`,
  );
}
