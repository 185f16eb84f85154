/** Severity of a log line. */
export type LogLevel = 'debug' | 'info' | 'warn' | 'error';
/** Structured members of a log line. Never terminal content, tickets or tokens. */
export type LogFields = Record<string, string | number | boolean | null | undefined>;
/** Writes one line. */
export type Log = (level: LogLevel, msg: string, fields?: LogFields) => void;

/** A logger whose lines carry `part` and `base`; each call writes one JSON line to standard output. */
export function createLogger(part: string, base: LogFields = {}): Log {
  return (level, msg, fields = {}) => {
    const line = JSON.stringify({ time: new Date().toISOString(), level, part, msg, ...base, ...fields });
    // The platform collects console output; it is the one way out of an actor.
    // Chosen by name so that the platform's own severity matches.
    console[level](line);
  };
}
