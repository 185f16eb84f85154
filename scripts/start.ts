import { spawn, spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { Masker } from '../protocol/masking/masker.ts';
import { oidcProviders } from '../workers/gateway/oidc/settings.ts';
import { planDatabase } from './database/plan.ts';
import { ClientAddressSource } from './client-address-source.ts';
import { Instance } from './instance.ts';
import { ensureKekFile } from './kek.ts';
import { loadKeys, signLocalToken } from './keys.ts';
import { boundLog, lastWords, LOG_CHECK_MS } from './log-file.ts';
import { Part } from './part.ts';
import { START_HELP, type StartOptions, startOptions } from './start-options.ts';

/** `npm start`: edge, executor, sandbox host and database on this machine, with all state in one directory. */
const ROOT = join(import.meta.dirname, '..');
const BIN = join(ROOT, 'node_modules/.bin');
const HOST_ID = 'local';
const REGION = 'local';
/** The executor holds people's shells: one that outlived its supervisor is taken up, not started anew. */
const ADOPTED = ['executor'];
const READY_TIMEOUT_MS = 60_000;
const POLL_MS = 50;

function fail(text: string): never {
  process.stderr.write(`${text}\n`);
  process.exit(2);
}

function options(): StartOptions {
  try {
    const asked = startOptions(process.argv.slice(2), process.env, ROOT);
    if (asked !== 'help') return asked;
  } catch (error) {
    fail(`${error instanceof Error ? error.message : String(error)}\n\n${START_HELP}`);
  }
  console.log(START_HELP);
  process.exit(0);
}

/** Whether this program may listen there; how long a part that was just ended may take to let go. */
const PORT_WAIT_MS = 2_000;

async function portIsFree(port: number, host: string): Promise<boolean> {
  for (const untilMs = Date.now() + PORT_WAIT_MS; ; await delay(POLL_MS)) {
    if (await canListen(port, host)) return true;
    if (Date.now() > untilMs) return false;
  }
}

function canListen(port: number, host: string): Promise<boolean> {
  return new Promise((done) => {
    const server = createServer();
    server.once('error', () => done(false));
    server.listen(port, host, () => server.close(() => done(true)));
  });
}

/** Opens a link as the desktop does; without one nothing happens, and the link is printed in any case. */
function openLink(link: string): void {
  spawn('xdg-open', [link], { stdio: 'ignore', detached: true })
    .on('error', () => undefined)
    .unref();
}

const { port, host, data, open, json } = options();
try {
  oidcProviders(process.env['OIDC_PROVIDERS']);
} catch (error) {
  fail(`${error instanceof Error ? error.message : String(error)} See docs/sign-in.md.`);
}
const source = ClientAddressSource.safeParse(process.env['ALEX_CLIENT_ADDRESS']);
if (!source.success) fail(source.error.issues[0]?.message ?? 'ALEX_CLIENT_ADDRESS is not valid.');
mkdirSync(join(data, 'logs'), { recursive: true, mode: 0o700 });
const instance = Instance.claim(data, ADOPTED);
if ('takenBy' in instance) {
  fail(
    `Alex Edge runs already with ${data} (process ${instance.takenBy}). Stop it, or choose another --data.`,
  );
}
if (!(await portIsFree(port, host)))
  fail(`Port ${port} is taken. Choose another: npm start -- --port ${port + 1}`);
if (
  spawnSync(join(BIN, 'node'), [join(ROOT, 'scripts/build.ts')], { stdio: ['ignore', 2, 2] }).status !== 0
) {
  fail('The build failed; see above.');
}
const keys = await loadKeys(data, HOST_ID, REGION);

const url = `http://${host}:${port}`;
const env = {
  ...{ PATH: `${BIN}:${process.env['PATH'] ?? ''}`, CI: '1', WRANGLER_SEND_METRICS: 'false' },
  ...{
    ALEX_HOST: host,
    ALEX_PORT: String(port),
    ALEX_SIGNING_KEY: keys.signingKey,
    ALEX_HOST_KEYS: keys.hostKeys,
  },
  ...{
    ALEX_DATA: data,
    ALEX_EDGE_URL: process.env['ALEX_EDGE_URL'] ?? url,
    ALEX_HOST_ID: HOST_ID,
    ALEX_REGION: REGION,
  },
  ALEX_HOST_KEY_FILE: keys.hostKeyFile,
  ALEX_EXECUTOR_SOCKET: join(data, 'executor.sock'),
  ALEX_EXECUTOR_TOKEN_FILE: join(data, 'executor.token'),
};
const log = (name: string): string => join(data, 'logs', `${name}.log`);
const node = join(BIN, 'node');
const database = await planDatabase(process.env['DATABASE_URL']);
const part = (name: string, program: string, extra: Record<string, string> = {}): Part =>
  new Part(name, [node, join(ROOT, program)], { ...env, ...extra }, log(name));
const parts = [
  part('edge', 'scripts/edge.ts', { ...database.edge, ALEX_KEK_FILE: ensureKekFile(data) }),
  part('executor', 'sandbox-host/executor/main.ts'),
  part('host', 'sandbox-host/host/main.ts'),
  ...(database.part === null ? [] : [part('database', 'scripts/database/main.ts', database.part)]),
];

async function stop(code: number): Promise<never> {
  await Promise.all(parts.map((part) => part.stop()));
  process.exit(code);
}
for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, () => void stop(0));

async function ready(token: string): Promise<boolean> {
  const headers = { authorization: `Bearer ${token}` };
  try {
    const response = await fetch(`${url}/api/v1/hosts`, { headers, signal: AbortSignal.timeout(2_000) });
    return response.ok && (await response.text()).includes('"healthy"');
  } catch {
    // Not listening yet, or too busy to answer in time.
    return false;
  }
}

if (process.env['ALEX_DRIVER'] === 'none') {
  process.stderr.write(
    'WARNING: ALEX_DRIVER=none: shells are NOT isolated. Whoever can sign in may do all that you may do on this machine.\n',
  );
}
process.chdir(ROOT);
for (const each of parts) {
  const events = {
    started: (pid: number) => instance.started(each.name, pid),
    fatal: (detail: string) => {
      process.stderr.write(`${new Masker().text([...lastWords(each.logFile), detail].join('\n'))}\n`);
      void stop(1);
    },
  };
  const left = instance.adopted.get(each.name);
  if (left === undefined) each.start(events);
  else each.adopt(left, events);
}
setInterval(() => parts.forEach((part) => boundLog(part.logFile)), LOG_CHECK_MS).unref();
const token = await signLocalToken(keys.signingKey, 'api');
const deadlineMs = Date.now() + READY_TIMEOUT_MS;
while (!(await ready(token))) {
  if (Date.now() > deadlineMs) {
    process.stderr.write(`Not ready after ${READY_TIMEOUT_MS / 1000} s; see ${join(data, 'logs')}\n`);
    await stop(1);
  }
  await delay(POLL_MS);
}
const signInUrl = `${url}/sign-in?token=${await signLocalToken(keys.signingKey, 'sign-in')}`;
if (json) console.log(JSON.stringify({ url, signInUrl, token }));
else console.log(`Alex Edge is ready at ${url}\nSign in (once): ${signInUrl}\nCtrl-C stops it.`);
if (open) openLink(signInUrl);
