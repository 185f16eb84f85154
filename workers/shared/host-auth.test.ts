import { env } from 'cloudflare:test';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { hostToken, TEST_HOST_ID } from '../testing/host.ts';
import { verifyHostToken } from './host-auth.ts';

const KeySet = z.object({ keys: z.array(z.record(z.string(), z.unknown())) });

/** The deployment's key set with another list of regions. */
function hostKeys(regions: unknown): string {
  const { keys } = KeySet.parse(JSON.parse(env.HOST_KEYS));
  return JSON.stringify({ keys: keys.map((key) => ({ ...key, regions })) });
}

describe('a host', () => {
  it('is let into the regions its key is good for, and no other', async () => {
    const keys = hostKeys(['paris', 'lyon']);
    for (const region of ['paris', 'lyon'])
      expect(await verifyHostToken(keys, await hostToken(region))).toEqual({ hostId: TEST_HOST_ID, region });
    expect(await verifyHostToken(keys, await hostToken('berlin'))).toBeNull();
  });

  it('may be anywhere only where its key says so', async () => {
    const token = await hostToken('anywhere');
    expect(await verifyHostToken(hostKeys(['*']), token)).toMatchObject({ region: 'anywhere' });
    for (const regions of [undefined, [], 'anywhere', ['ANYWHERE!']])
      await expect(verifyHostToken(hostKeys(regions), token)).rejects.toThrow();
  });
});
