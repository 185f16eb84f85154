import { randomBytes } from 'node:crypto';
import { availableParallelism, cpus } from 'node:os';
import { parseArgs } from 'node:util';
import { Api } from '../../client/index.ts';
import { personOn } from '../../test/support/people.ts';
import { freePort } from '../../test/support/ports.ts';
import { Stack } from '../../test/support/stack.ts';
import type { Percentiles } from '../statistics.ts';
import { heading, row } from '../table.ts';
import { spendTicket } from './spend-ticket.ts';
import { bundleBare } from './bundle-bare.ts';
import { cacheHitRate } from './cache-hits.ts';
import { type Ask, closedLoop, inTurns, openLoop } from './load.ts';

/**
 * `npm run bench:api`: what the HTTP API costs, on the running stack with its database, beside a bare Hono route in the
 * same workerd, which takes turns with it and is sent the same requests. Every ticket is spent on a socket, as tickets
 * are; that is load, and not in the times. Generator and edge share the machine's cores.
 */
const { values } = parseArgs({
  options: { quick: { type: 'boolean', default: false }, json: { type: 'boolean', default: false } },
});
const ROUNDS = values.quick ? 300 : 2_000;
const CREATES = values.quick ? 20 : 100;
const AT_ONCE = 16;
const RATE_PER_S = 200;
const RATE_SECONDS = values.quick ? 5 : 30;
const AIM_RATIO = 1.5;
const AIM_P95_MS = 20;

const bare = await bundleBare();
const barePort = await freePort();
const stack = await Stack.start({
  ...{ ALEX_EDGE_BESIDE: bare.file, ALEX_EDGE_BESIDE_PORT: String(barePort) },
  ...{ ALEX_DRIVER: 'none', ALEX_SANDBOX_POOL: '0', ALEX_LOG: 'error' },
  ALEX_USER_REQUESTS_PER_S: '100000',
});
try {
  const { url, token } = stack;
  const noOp = (): Ask => ({ method: 'GET', url: `${url}/api/v1/auth/me`, token, status: 200 });
  const standing = (): Ask => ({ method: 'GET', url: `${url}/api/v1/workspaces/local`, token, status: 200 });
  const list = (): Ask => ({ method: 'GET', url: `${url}/api/v1/sessions?limit=20`, token, status: 200 });
  const create = (): Ask => ({
    method: 'POST',
    url: `${url}/api/v1/sessions`,
    token,
    body: '{}',
    status: 201,
  });
  const bareRoute = (): Ask => ({
    method: 'GET',
    url: `http://127.0.0.1:${barePort}/api/v1/auth/me`,
    token,
    status: 200,
  });

  const created = await closedLoop(CREATES, 1, create);
  const { sessions } = await new Api(url, token).listSessions({ limit: 20 });
  let turn = 0;
  const ticket = (): Ask => {
    const id = sessions[(turn += 1) % sessions.length]?.id ?? '';
    const then = spendTicket;
    return { method: 'POST', url: `${url}/api/v1/sessions/${id}/tickets`, token, status: 201, then };
  };
  // Both are asked for over and over, so that neither is slow because its actor has to be started.
  const stranger = await personOn(stack, 'stranger', 'Stranger');
  const of = (id: string) => (): Ask => ({
    ...{ method: 'GET', url: `${url}/api/v1/sessions/${id}`, token: stranger.token, status: 404 },
  });
  const foreignId = sessions[0]?.id ?? '';
  const missingId = randomBytes(16).toString('base64url').replace(/^-/, 'A');

  await inTurns(300, [bareRoute, noOp, standing, list, of(foreignId), of(missingId)]);
  const hitsBefore = await cacheHitRate(url, token);
  const [bareMs, noOpMs, standingMs, listMs] = await inTurns(ROUNDS, [bareRoute, noOp, standing, list]);
  const ticketed = await closedLoop(Math.min(ROUNDS, 400), 1, ticket);
  const [foreignMs, missingMs] = await inTurns(ROUNDS / 2, [of(foreignId), of(missingId)]);
  const bareAll = await closedLoop(ROUNDS * 2, AT_ONCE, bareRoute);
  const noOpAll = await closedLoop(ROUNDS * 2, AT_ONCE, noOp);
  const listAll = await closedLoop(ROUNDS, AT_ONCE, list);
  const kinds = [noOp, noOp, list, noOp, ticket];
  const mixed = (): Ask => (kinds[(turn += 1) % kinds.length] ?? noOp)();
  const steady = await openLoop(RATE_PER_S, RATE_SECONDS, mixed);
  const hits = (await cacheHitRate(url, token)).since(hitsBefore);
  if (!bareMs || !noOpMs || !standingMs || !listMs || !foreignMs || !missingMs)
    throw new Error('No samples.');

  const ratio = noOpMs.p50 / bareMs.p50;
  const report = {
    machine: { cpu: cpus()[0]?.model ?? 'unknown', cores: availableParallelism(), node: process.version },
    oneByOneMs: {
      ...{ bare: bareMs, noOp: noOpMs, inWorkspace: standingMs, list: listMs },
      ...{ create: created.latencyMs, ticket: ticketed.latencyMs },
    },
    perSecond: { bare: bareAll.perSecond, noOp: noOpAll.perSecond, list: listAll.perSecond },
    steady: { aimedPerSecond: RATE_PER_S, ...steady },
    noOpToBare: ratio,
    foreignToMissing: foreignMs.p50 / missingMs.p50,
    cacheHitRate: hits,
  };
  if (values.json) process.stdout.write(`${JSON.stringify(report)}\n`);
  else {
    const line = (name: string, { p50, p95, p99 }: Percentiles, rate = ''): string =>
      row(name, 2, p50, p95, p99, rate);
    const rates = [bareAll, noOpAll, listAll].map(({ perSecond }) => perSecond.toFixed(0));
    const lines = [
      `${report.machine.cpu}, ${report.machine.cores} cores, Node ${process.version}; database on`,
      heading('one by one, ms', 'p50', 'p95', 'p99', `${AT_ONCE} at once/s`),
      line('bare Hono route', bareMs, rates[0]),
      line('authorised no-op', noOpMs, rates[1]),
      line('  in its workspace', standingMs),
      line('list', listMs, rates[2]),
      line('create', created.latencyMs),
      line('ticket', ticketed.latencyMs),
      heading(`${RATE_PER_S} a second, ms`, 'p50', 'p95', 'p99'),
      line('no-op, list, ticket', steady.latencyMs),
      `foreign id to missing id, p50: ${report.foreignToMissing.toFixed(2)} times`,
      `answered from memory: ${Object.entries(hits)
        .map(([cache, share]) => `${cache} ${(100 * share).toFixed(1)} %`)
        .join(', ')}`,
      aim(`no-op p50 within ${AIM_RATIO} times of bare`, `${ratio.toFixed(2)} times`, ratio <= AIM_RATIO),
      aim(
        `p95 under ${AIM_P95_MS} ms at ${RATE_PER_S} a second`,
        `${steady.latencyMs.p95.toFixed(1)} ms`,
        steady.latencyMs.p95 < AIM_P95_MS,
      ),
    ];
    process.stdout.write(`${lines.join('\n')}\n`);
  }
} finally {
  await stack.stop();
  bare.remove();
}

function aim(what: string, measured: string, met: boolean): string {
  return `  ${met ? 'met    ' : 'NOT MET'}  ${what}: ${measured}`;
}
