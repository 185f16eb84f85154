import { spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { createServer } from 'node:net';
import { join, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { z } from 'zod';
import { loadKeys, signLocalToken } from './keys.ts';
import { Part } from './part.ts';

/** `npm start`: edge, executor and sandbox host on this machine, with all state in one directory. */
const ROOT = join(import.meta.dirname, '..');
const BIN = join(ROOT, 'node_modules/.bin');
const HOST_ID = 'local';
const REGION = 'local';
const READY_TIMEOUT_MS = 60_000;
const POLL_MS = 100;
const HELP = `npm start -- [options]

  --port N     port of the edge (ALEX_PORT, 8787)
  --host ADDR  address it binds (ALEX_HOST, 127.0.0.1)
  --data DIR   the one directory with all state (ALEX_DATA, .alex)
  --json       one JSON line {"url","signInUrl","token"} when ready (ALEX_JSON)
  --help`;

function fail(text: string): never {
  process.stderr.write(`${text}\n`);
  process.exit(2);
}

function options(): { port: number; host: string; data: string; json: boolean } {
  try {
    const text = { type: 'string' } as const;
    const flag = { type: 'boolean' } as const;
    const { values } = parseArgs({ options: { port: text, host: text, data: text, json: flag, help: flag } });
    if (values.help === true) {
      console.log(HELP);
      process.exit(0);
    }
    const env = process.env;
    return {
      port: z.coerce
        .number()
        .int()
        .min(1)
        .max(65_535)
        .parse(values.port ?? env['ALEX_PORT'] ?? 8787),
      host: values.host ?? env['ALEX_HOST'] ?? '127.0.0.1',
      data: resolve(values.data ?? env['ALEX_DATA'] ?? join(ROOT, '.alex')),
      json: values.json ?? env['ALEX_JSON'] === '1',
    };
  } catch (error) {
    fail(`${error instanceof Error ? error.message : String(error)}\n\n${HELP}`);
  }
}

function portIsFree(port: number, host: string): Promise<boolean> {
  return new Promise((done) => {
    const server = createServer();
    server.once('error', () => done(false));
    server.listen(port, host, () => server.close(() => done(true)));
  });
}

const { port, host, data, json } = options();
if (!(await portIsFree(port, host)))
  fail(`Port ${port} is taken. Choose another: npm start -- --port ${port + 1}`);
mkdirSync(join(data, 'logs'), { recursive: true, mode: 0o700 });
if (
  spawnSync(join(BIN, 'node'), [join(ROOT, 'scripts/build.ts')], { stdio: ['ignore', 2, 2] }).status !== 0
) {
  fail('The build failed; see above.');
}
const keys = await loadKeys(data, HOST_ID);

const url = `http://${host}:${port}`;
const env = {
  ...{ PATH: `${BIN}:${process.env['PATH'] ?? ''}`, CI: '1', WRANGLER_SEND_METRICS: 'false' },
  ...{
    ALEX_HOST: host,
    ALEX_PORT: String(port),
    ALEX_SIGNING_KEY: keys.signingKey,
    ALEX_HOST_KEYS: keys.hostKeys,
  },
  ...{ ALEX_DATA: data, ALEX_EDGE_URL: url, ALEX_HOST_ID: HOST_ID, ALEX_REGION: REGION },
  ALEX_HOST_KEY_FILE: keys.hostKeyFile,
  ALEX_EXECUTOR_SOCKET: join(data, 'executor.sock'),
  ALEX_EXECUTOR_TOKEN_FILE: join(data, 'executor.token'),
};
const log = (name: string): string => join(data, 'logs', `${name}.log`);
const node = join(BIN, 'node');
const parts = [
  new Part('edge', [node, join(ROOT, 'scripts/edge.ts')], env, log('edge')),
  new Part('executor', [node, join(ROOT, 'sandbox-host/executor/main.ts')], env, log('executor')),
  new Part('host', [node, join(ROOT, 'sandbox-host/host/main.ts')], env, log('host')),
];

async function stop(code: number): Promise<never> {
  await Promise.all(parts.map((part) => part.stop()));
  process.exit(code);
}
for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, () => void stop(0));

async function ready(token: string): Promise<boolean> {
  const headers = { authorization: `Bearer ${token}` };
  const response = await fetch(`${url}/api/v1/hosts`, { headers, signal: AbortSignal.timeout(2_000) }).catch(
    () => null,
  );
  return response?.ok === true && (await response.text()).includes('"healthy"');
}

process.chdir(ROOT);
for (const part of parts) {
  part.start((detail) => {
    process.stderr.write(`${detail}\n`);
    void stop(1);
  });
}
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
