import { z } from 'zod';

/** Control characters, ends of lines, and what turns the direction of writing, by which a text shows as another one. */
const DECEIVING = /[\p{Cc}\u061C\u200E\u200F\u2028-\u202E\u2066-\u2069]/u;
/** Letters, digits, signs; not the fillers among the letters, which show as nothing. */
const VISIBLE = /(?![\u115F\u1160\u2800\u3164\uFFA0])[\p{L}\p{N}\p{P}\p{S}]/u;

/** Whether a text shows in terminals and beside the texts of others as what it is, on one line. */
export const isPlainLine = (text: string): boolean => !DECEIVING.test(text);

/**
 * A name that somebody chose and others see: trimmed, of 1 to `maxChars` UTF-16 code units, on one line, with something to see and
 * nothing that makes it, or what stands beside it, look like another.
 */
export function nameOf(maxChars: number) {
  return z
    .string()
    .trim()
    .min(1)
    .max(maxChars)
    .refine(isPlainLine, 'must be one line of text, without control characters')
    .refine((name) => VISIBLE.test(name), 'must have something to see');
}
