import { pino } from 'pino';
import pretty from 'pino-pretty';

/** A structured logger. Lines carry ids as fields; never terminal content or secrets. */
export type Logger = pino.Logger;

/** Levels that ALEX_LOG may name. */
const LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const;

/**
 * The logger of one part (`host`, `executor`): JSON lines on standard error, readable ones when that is a terminal.
 * Level by ALEX_LOG, `info` unless told otherwise.
 */
export function createLogger(part: string): Logger {
  const level = LEVELS.find((name) => name === process.env['ALEX_LOG']) ?? 'info';
  const options = { level, base: { part }, timestamp: pino.stdTimeFunctions.isoTime };
  return process.stderr.isTTY
    ? pino(options, pretty({ destination: 2, colorize: true, ignore: 'pid,hostname' }))
    : pino(options, pino.destination({ fd: 2, sync: true }));
}
