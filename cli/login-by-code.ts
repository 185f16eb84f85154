import { setTimeout as delay } from 'node:timers/promises';
import { type AccountApi, ApiError, type SignedIn } from '../client/index.ts';
import type { Context } from './context.ts';
import { CliError, ExitCode } from './errors.ts';
import { printable } from './output.ts';

/** What signing in by a code needs of the edge. */
export type CodeEdge = Pick<AccountApi, 'beginDeviceLogin' | 'redeemDeviceCode'>;

/**
 * Signs in by a code that a person confirms in a browser (RFC 8628): says where, and asks until they have. `pause` waits
 * some milliseconds. Throws CliError when they refuse or take too long.
 */
export async function loginByCode(
  context: Pick<Context, 'stderr' | 'nowMs'>,
  edge: CodeEdge,
  label: string,
  pause: (ms: number) => Promise<unknown> = delay,
): Promise<SignedIn> {
  const codes = await edge.beginDeviceLogin(label);
  const endsMs = context.nowMs() + codes.expiresInS * 1000;
  context.stderr.write(
    `Open ${printable(codes.verificationUriComplete)}\nand confirm the code ${printable(codes.userCode)}. Waiting; Ctrl-C gives up.\n`,
  );
  let waitMs = codes.intervalS * 1000;
  while (context.nowMs() < endsMs) {
    await pause(waitMs);
    try {
      return await edge.redeemDeviceCode(codes.deviceCode);
    } catch (error) {
      waitMs = nextWaitMs(error, waitMs);
    }
  }
  throw new CliError(ExitCode.NotSignedIn, 'Nobody confirmed the code in time. Run "alex login" again.');
}

/** How long to wait after this answer. Throws what it means when nothing will come of it. */
function nextWaitMs(error: unknown, waitMs: number): number {
  // Nobody answered: RFC 8628, 3.5 has programs wait longer each time.
  if (!(error instanceof ApiError)) return waitMs * 2;
  switch (error.code) {
    case 'authorization-pending':
    case 'slow-down':
      return Math.max(waitMs, error.retryAfterMs);
    case 'rate-limited':
    case 'unavailable':
      return Math.max(waitMs * 2, error.retryAfterMs);
    case 'access-denied':
      throw new CliError(ExitCode.NotSignedIn, 'The sign-in was refused in the browser.');
    case 'expired-token':
      throw new CliError(ExitCode.NotSignedIn, 'The code has ended. Run "alex login" again.');
    default:
      throw error;
  }
}
