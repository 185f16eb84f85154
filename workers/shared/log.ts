import { env } from 'cloudflare:workers';
import { z } from 'zod';
import { Masker } from '../../protocol/masking/masker.ts';

/** Severity of a log line. */
export type LogLevel = 'debug' | 'info' | 'warn' | 'error';
/** Structured members of a log line. Never terminal content. Secrets in them are masked, not a reason to write them. */
export type LogFields = Record<string, string | number | boolean | null | undefined>;
/** Writes one line. */
export type Log = (level: LogLevel, msg: string, fields?: LogFields) => void;

/** Masks secrets in what this isolate writes down. Secrets that are known only at run time are registered with it. */
export const masker = new Masker();

/** All that `ALEX_LOG` may name, for the hosts' sake; lines of less are not written, nor made. */
const LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const;
const { ALEX_LOG } = z.object({ ALEX_LOG: z.enum(LEVELS).catch('info') }).parse(env);
const written = new Set<string>(LEVELS.slice(LEVELS.indexOf(ALEX_LOG)));

/** A logger whose lines carry `part` and `base`; each call writes one JSON line to standard output. */
export function createLogger(part: string, base: LogFields = {}): Log {
  return (level, msg, fields = {}) => {
    if (!written.has(level)) return;
    // As a whole, which costs a few microseconds whatever is in it. Marks need no escaping: it stays JSON.
    const line = masker.text(
      JSON.stringify({ time: new Date().toISOString(), level, part, msg, ...base, ...fields }),
    );
    // The platform collects console output; it is the one way out of an actor.
    // Chosen by name so that the platform's own severity matches.
    console[level](line);
  };
}
