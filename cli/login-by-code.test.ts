import { expect, it } from 'vitest';
import { ApiError, type SignedIn } from '../client/index.ts';
import { type CodeEdge, loginByCode } from './login-by-code.ts';

const SIGNED_IN: SignedIn = {
  ...{ accessToken: 'a', expiresAt: '', refreshToken: 'r', refreshExpiresAt: '', deviceId: 'd' },
  user: { userId: 'ada', displayName: 'Ada', workspaceId: 'ada' },
};
const refusal = (code: string, retryAfterS = 0) =>
  new ApiError(400, code, `the edge says ${code}`, null, retryAfterS * 1000);

/** Signs in at an edge that answers this, one after the other. Out: what came of it, the waits in seconds, what was said. */
async function run(...answers: (SignedIn | Error)[]) {
  let nowMs = 0;
  let said = '';
  const waitsS: number[] = [];
  const edge: CodeEdge = {
    beginDeviceLogin: async () => ({
      ...{ deviceCode: 'secret', userCode: 'BCDF-GHJK', verificationUri: 'https://edge.test/device' },
      verificationUriComplete: 'https://edge.test/device?code=BCDF-GHJK',
      ...{ expiresInS: 60, intervalS: 5 },
    }),
    redeemDeviceCode: async () => {
      const answer = answers.length > 1 ? answers.shift() : answers[0];
      if (answer === undefined || answer instanceof Error) throw answer ?? new Error('nothing to answer');
      return answer;
    },
  };
  const stderr = { write: (text: string) => (said += text) !== '' } as unknown as NodeJS.WriteStream;
  const result = await loginByCode({ stderr, nowMs: () => nowMs }, edge, 'laptop', async (ms) => {
    waitsS.push(ms / 1000);
    nowMs += ms;
  }).catch((error: unknown) => String(error));
  return { result, waitsS, said };
}

it('says where to confirm which code, and waits as it is told', async () => {
  const { result, waitsS, said } = await run(
    refusal('authorization-pending', 5),
    refusal('slow-down', 10),
    new TypeError('fetch failed'),
    SIGNED_IN,
  );
  expect(result).toEqual(SIGNED_IN);
  expect(waitsS).toEqual([5, 5, 10, 20]);
  expect(said).toContain('https://edge.test/device?code=BCDF-GHJK');
  expect(said).not.toContain('secret');
});

it.each([
  ['access-denied', /refused in the browser/],
  ['expired-token', /has ended/],
  ['forbidden', /the edge says forbidden/],
])('gives up at %s', async (code, why) => {
  expect((await run(refusal(code))).result).toMatch(why);
});

it('gives up when nobody confirms it in time', async () => {
  const { result, waitsS } = await run(refusal('authorization-pending', 5));
  expect(result).toMatch(/in time/);
  expect(waitsS).toHaveLength(12);
});
