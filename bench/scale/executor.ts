import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { z } from 'zod';
import type { SandboxDriver } from '../../sandbox-host/drivers/driver.ts';
import { ExecutorServer } from '../../sandbox-host/executor/server.ts';
import { createLogger } from '../../sandbox-host/shared/log.ts';
import { EchoSession } from './echo-session.ts';

/** The bench's executor: the real door, feed and rest, with {@link EchoSession}s behind it in place of sandboxes. */
const config = z
  .object({
    ALEX_EXECUTOR_SOCKET: z.string(),
    ALEX_EXECUTOR_TOKEN_FILE: z.string(),
    ALEX_REST_AFTER_MS: z.coerce.number(),
  })
  .parse(process.env);

function none(): never {
  throw new Error('The bench has no sandboxes.');
}
const driver: SandboxDriver = {
  name: 'echo',
  probe: none,
  start: none,
  deleteWorkspace: none,
  sweep: none,
  prepareAhead: () => undefined,
  close: () => Promise.resolve(),
};

const token = randomBytes(32).toString('base64url');
writeFileSync(config.ALEX_EXECUTOR_TOKEN_FILE, token, { mode: 0o600 });
const server = new ExecutorServer(token, driver, createLogger('executor'), {
  restAfterMs: config.ALEX_REST_AFTER_MS,
  createSession: (sessionId, onChange) => new EchoSession(sessionId, onChange),
});
await server.listen(config.ALEX_EXECUTOR_SOCKET);
process.once('SIGTERM', () => process.exit(0));
