import { z } from 'zod';

/** Every error code of sockets and of problem+json (`code` member), in one list. */
export const ErrorCode = z.enum([
  'frame-too-short',
  'frame-too-large',
  'frame-kind-unknown',
  'frame-flags-invalid',
  'frame-reserved-not-zero',
  'frame-offset-unsafe',
  'frame-payload-invalid',
  'frame-kind-not-allowed',
  'frame-channel-not-attached',
  'message-not-json',
  'message-invalid',
  'message-too-large',
  'hello-expected',
  'not-attached',
  'unauthenticated',
  'forbidden',
  'reauthentication-required',
  'not-found',
  'gone',
  'conflict',
  'rate-limited',
  'limit-exceeded',
  'stale-epoch',
  'input-gap',
  'input-stream-unknown',
  'terminal-not-found',
  'terminal-exited',
  'no-host',
  'sandbox-failed',
  'invalid-request',
  'payload-too-large',
  'method-not-allowed',
  'authorization-pending',
  'slow-down',
  'access-denied',
  'expired-token',
  'unavailable',
  'internal',
]);
export type ErrorCode = z.infer<typeof ErrorCode>;

/** A typed error on a socket. `detail` says what to do next. */
export const ErrorMessage = z.object({
  type: z.literal('error'),
  code: ErrorCode,
  detail: z.string(),
  requestId: z.string().optional(),
  channel: z.int().optional(),
});
export type ErrorMessage = z.infer<typeof ErrorMessage>;
