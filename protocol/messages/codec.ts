import type { z } from 'zod';
import { MAX_MESSAGE_BYTES } from '../limits.ts';
import type { ErrorCode } from './errors.ts';

/** Outcome of {@link parseMessage}; it never throws. */
export type ParseResult<T> = { ok: true; message: T } | { ok: false; code: ErrorCode; detail: string };

/** Parses a JSON control message against its schema. `detail` names the first offending member. */
export function parseMessage<S extends z.ZodType>(
  schema: S,
  text: string,
  maxBytes: number = MAX_MESSAGE_BYTES,
): ParseResult<z.infer<S>> {
  if (text.length > maxBytes) {
    return { ok: false, code: 'message-too-large', detail: `At most ${maxBytes} bytes.` };
  }
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return { ok: false, code: 'message-not-json', detail: 'Text messages are JSON objects.' };
  }
  const parsed = schema.safeParse(value);
  if (parsed.success) return { ok: true, message: parsed.data };
  const issue = parsed.error.issues[0];
  const where = issue === undefined || issue.path.length === 0 ? 'message' : issue.path.join('.');
  return { ok: false, code: 'message-invalid', detail: `${where}: ${issue?.message ?? 'invalid'}` };
}
