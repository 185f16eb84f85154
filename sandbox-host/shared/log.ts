import { pino } from 'pino';
import pretty from 'pino-pretty';
import { Masker } from '../../protocol/masking/masker.ts';

/** A structured logger. Lines carry ids as fields; never terminal content. Secrets in them are masked. */
export type Logger = pino.Logger;

/** Masks secrets in what this process writes down. Secrets that are known only at run time are registered with it. */
export const masker = new Masker();

/** Levels that ALEX_LOG may name. */
const LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const;

/**
 * The logger of one part (`host`, `executor`): JSON lines on standard error, readable ones when that is a terminal.
 * Level by ALEX_LOG, `info` unless told otherwise.
 */
export function createLogger(part: string): Logger {
  const level = LEVELS.find((name) => name === process.env['ALEX_LOG']) ?? 'info';
  const options: pino.LoggerOptions = {
    ...{ level, base: { part }, timestamp: pino.stdTimeFunctions.isoTime },
    // Errors are made plain objects first, or there would be nothing of them to look into.
    serializers: { err: pino.stdSerializers.err, error: pino.stdSerializers.err },
    hooks: { streamWrite: (line) => masker.text(line) },
  };
  return process.stderr.isTTY
    ? pino(options, pretty({ destination: 2, colorize: true, ignore: 'pid,hostname' }))
    : pino(options, pino.destination({ fd: 2, sync: true }));
}
