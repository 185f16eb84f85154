import type { Approver, DeviceCodeRequest, PollAnswer } from '../shared/device-code-rpc.ts';

/** A user code is good for so long. */
export const DEVICE_CODE_TTL_MS = 10 * 60_000;
/** A program waits so long between its questions... */
export const POLL_INTERVAL_MS = 5_000;
/** ...and so much longer each time it does not (RFC 8628, 3.5). */
const SLOW_DOWN_MS = 5_000;
/** Clocks and networks make an answer early by a little. */
const EARLY_MS = 500;

/** One program that wants to sign in. Times in milliseconds since the epoch. */
export interface DeviceCode extends DeviceCodeRequest {
  state: 'pending' | 'approved' | 'denied' | 'redeemed';
  by: Approver | null;
  requestedAtMs: number;
  expiresAtMs: number;
  intervalMs: number;
  polledAtMs: number | null;
}

export function newDeviceCode(request: DeviceCodeRequest, nowMs: number): DeviceCode {
  return {
    ...request,
    ...{ state: 'pending', by: null, polledAtMs: null, intervalMs: POLL_INTERVAL_MS },
    ...{ requestedAtMs: nowMs, expiresAtMs: nowMs + DEVICE_CODE_TTL_MS },
  };
}

/** Whether a person may still decide. */
export function isUndecided(code: DeviceCode, nowMs: number): boolean {
  return code.state === 'pending' && nowMs < code.expiresAtMs;
}

/** Answers a program, and says what is to be kept. Whoever lacks the secret is answered as for a code that is over. */
export function answerPoll(
  code: DeviceCode,
  secretHash: string,
  nowMs: number,
): { answer: PollAnswer; next: DeviceCode } {
  const isOver = nowMs >= code.expiresAtMs || code.state === 'redeemed';
  if (secretHash !== code.secretHash || isOver) return { answer: { state: 'expired' }, next: code };
  if (code.state === 'denied') return { answer: { state: 'denied' }, next: code };
  if (code.state === 'approved' && code.by !== null) {
    const { by, label } = code;
    return { answer: { state: 'approved', by, label }, next: { ...code, state: 'redeemed' } };
  }
  const isEarly = code.polledAtMs !== null && nowMs - code.polledAtMs < code.intervalMs - EARLY_MS;
  const intervalMs = code.intervalMs + (isEarly ? SLOW_DOWN_MS : 0);
  return {
    answer: { state: isEarly ? 'slow-down' : 'pending', intervalMs },
    next: { ...code, intervalMs, polledAtMs: nowMs },
  };
}
