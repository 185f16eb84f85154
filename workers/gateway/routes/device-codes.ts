import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi';
import { newUserCode, parseUserCode } from '../../device-code-do/user-code.ts';
import { DEVICE_CODE_TTL_MS, POLL_INTERVAL_MS } from '../../device-code-do/poll.ts';
import { TokenBucket } from '../../shared/token-bucket.ts';
import type { Env } from '../../shared/env.ts';
import { randomId, sha256 } from '../../shared/ids.ts';
import { userActor } from '../actors.ts';
import { countedAddress } from '../client-address.ts';
import { type GatewayContext, type GatewayEnv, identityOf, ProblemError } from '../context.ts';
import { deviceLabel, MAX_LABEL_CHARS, oneLine } from '../device-label.ts';
import { deviceFacts, grantTokens, SignedInSchema, signInDevice } from '../sign-in.ts';
import { json, jsonBody, notFound, problems, SIGNED_IN } from './responses.ts';

const tags = ['auth'];
const security = SIGNED_IN;
/** A device code: the user code says which actor it is of, the secret is what counts. */
const DEVICE_CODE = /^alexd\.([A-Z]{4}-[A-Z]{4})\.([A-Za-z0-9_-]{43})$/;
const SECRET_BYTES = 32;
/** Codes that one address may have made in one isolate: at once, and per second. */
const CODES_AT_ONCE = 20;
const CODES_PER_S = 0.2;
const MAX_ADDRESSES = 10_000;
/** New codes to try when one is taken. */
const MAX_TRIES = 3;

const userCodeParams = z.object({
  userCode: z
    .string()
    .max(40)
    .openapi({ param: { name: 'userCode', in: 'path' }, example: 'BCDF-GHJK' }),
});

const begin = createRoute({
  method: 'post',
  path: '/api/v1/auth/device-codes',
  summary: 'Begin to sign a program in that has no browser',
  description:
    'RFC 8628: show the person `userCode` and `verificationUri`, then ask for tokens every `intervalS` seconds. For programs.',
  tags,
  request: jsonBody(z.object({ label: z.string().max(MAX_LABEL_CHARS).optional() }), false),
  responses: {
    200: json(
      'The codes.',
      z
        .object({
          ...{ deviceCode: z.string(), userCode: z.string(), verificationUri: z.string() },
          ...{ verificationUriComplete: z.string(), expiresInS: z.int(), intervalS: z.int() },
        })
        .openapi('DeviceAuthorization'),
    ),
    ...problems,
  },
});

const redeem = createRoute({
  method: 'post',
  path: '/api/v1/auth/device-tokens',
  summary: 'Ask for the tokens of a program that waits to be let in',
  description:
    'Until a person has decided: `authorization-pending`, or `slow-down`, both with Retry-After. Then the tokens, once; or ' +
    '`access-denied`; or `expired-token`.',
  tags,
  request: jsonBody(z.object({ deviceCode: z.string().max(100) }), true),
  responses: { 200: json('Signed in.', SignedInSchema), ...problems },
});

const look = createRoute({
  method: 'get',
  path: '/api/v1/auth/device-codes/{userCode}',
  summary: 'Which program waits to be let in under a code',
  tags,
  security,
  request: { params: userCodeParams },
  responses: {
    200: json(
      'It.',
      z
        .object({
          ...{ userCode: z.string(), label: z.string(), address: z.string() },
          ...{ requestedAt: z.iso.datetime(), expiresAt: z.iso.datetime() },
        })
        .openapi('PendingDevice'),
    ),
    ...problems,
    ...notFound,
  },
});

const decide = createRoute({
  method: 'post',
  path: '/api/v1/auth/device-codes/{userCode}',
  summary: 'Let a program in as yourself, or not',
  tags,
  security,
  request: { params: userCodeParams, ...jsonBody(z.object({ approve: z.boolean() }), true) },
  responses: { 204: { description: 'Decided.' }, ...problems, ...notFound },
});

/** Sign-in of programs by a code that a person confirms in a browser (RFC 8628). */
export function deviceCodeRoutes(app: OpenAPIHono<GatewayEnv>): void {
  app.openapi(begin, async (c) => {
    denyPages(c);
    limitAddress(c);
    const { label } = z.object({ label: z.string().optional() }).parse(c.req.valid('json') ?? {});
    const secret = randomId(SECRET_BYTES);
    const { userAgent, address } = deviceFacts(c);
    const request = {
      ...{ secretHash: await sha256(secret), userAgent, address },
      label: oneLine(label ?? '', MAX_LABEL_CHARS) || deviceLabel(userAgent),
    };
    for (let tries = 0; tries < MAX_TRIES; tries += 1) {
      const userCode = newUserCode();
      if (!(await (await codeActor(c.env, userCode)).begin(request))) continue;
      const uri = new URL('/device', c.req.url);
      const complete = new URL(uri);
      complete.searchParams.set('code', userCode);
      return c.json(
        {
          ...{ deviceCode: `alexd.${userCode}.${secret}`, userCode },
          ...{ verificationUri: uri.href, verificationUriComplete: complete.href },
          ...{ expiresInS: DEVICE_CODE_TTL_MS / 1000, intervalS: POLL_INTERVAL_MS / 1000 },
        },
        200,
      );
    }
    throw new ProblemError('unavailable', 'No code is free right now; try again.');
  });

  app.openapi(redeem, async (c) => {
    denyPages(c);
    const [, userCode, secret] = DEVICE_CODE.exec(c.req.valid('json').deviceCode) ?? [];
    const answer =
      userCode === undefined || secret === undefined
        ? ({ state: 'expired' } as const)
        : await (await codeActor(c.env, userCode)).poll(await sha256(secret));
    switch (answer.state) {
      case 'pending':
        throw waiting('authorization-pending', 'Nobody has confirmed it yet; ask again.', answer.intervalMs);
      case 'slow-down':
        throw waiting('slow-down', 'Ask more rarely.', answer.intervalMs);
      case 'denied':
        throw new ProblemError('access-denied', 'Whoever was asked did not let this program in.');
      case 'expired':
        throw new ProblemError('expired-token', 'This code has ended; begin again.');
      case 'approved':
        break;
    }
    const { userId, ...by } = answer.by;
    const grant = await signInDevice(c, userId, { ...by, label: answer.label, method: 'device-code' });
    if (grant === null) throw new ProblemError('expired-token', 'This code has ended; begin again.');
    return c.json(await grantTokens(c, userId, grant, 'program'), 200);
  });

  app.openapi(look, async (c) => {
    const userCode = await guessed(c, c.req.valid('param').userCode);
    const pending = await (await codeActor(c.env, userCode)).look();
    if (pending === null) throw noSuchCode();
    return c.json({ userCode, ...pending }, 200);
  });

  app.openapi(decide, async (c) => {
    const userCode = await guessed(c, c.req.valid('param').userCode);
    const { approve } = c.req.valid('json');
    if (!(await (await codeActor(c.env, userCode)).decide(identityOf(c), approve))) throw noSuchCode();
    return c.body(null, 204);
  });
}

async function codeActor(env: Env, userCode: string) {
  return env.DEVICE_CODES.get(env.DEVICE_CODES.idFromName(await sha256(userCode)));
}

/** A page would get tokens that its scripts can read; it has its cookies. */
function denyPages(c: GatewayContext): void {
  if (c.req.header('origin') !== undefined) throw new ProblemError('forbidden', 'This is for programs.');
}

/** The code that was typed, when its user has not tried too many. */
async function guessed(c: GatewayContext, text: string): Promise<string> {
  if (!(await userActor(c.env, identityOf(c)).takeCodeAttempt())) {
    throw new ProblemError('rate-limited', 'Too many codes; wait ten minutes.', {
      headers: { 'retry-after': '600' },
    });
  }
  const userCode = parseUserCode(text);
  if (userCode === null) throw noSuchCode();
  return userCode;
}

function noSuchCode(): ProblemError {
  return new ProblemError(
    'not-found',
    'No program waits under this code. Compare it with the one you were shown.',
  );
}

function waiting(code: 'authorization-pending' | 'slow-down', detail: string, ms: number): ProblemError {
  return new ProblemError(code, detail, { headers: { 'retry-after': String(Math.ceil(ms / 1000)) } });
}

const buckets = new Map<string, TokenBucket>();

function limitAddress(c: GatewayContext): void {
  const address = countedAddress(c.get('address'));
  const nowMs = Date.now();
  let bucket = buckets.get(address);
  if (bucket === undefined) {
    bucket = new TokenBucket(CODES_PER_S, CODES_AT_ONCE, nowMs);
    const oldest = buckets.keys().next();
    if (buckets.size >= MAX_ADDRESSES && oldest.done !== true) buckets.delete(oldest.value);
    buckets.set(address, bucket);
  }
  if (!bucket.take(nowMs))
    throw new ProblemError('rate-limited', 'Too many codes were asked for; wait a minute.', {
      headers: { 'retry-after': '60' },
    });
}
