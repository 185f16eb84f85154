import { expect, test, vi } from 'vitest';

// The page's API is made when it is loaded, and asks where the page is.
vi.stubGlobal('location', { origin: 'https://edge.example' });
const { guestOf, renewalInMs } = await import('./guest.ts');

const NOW = Date.parse('2026-11-25T12:00:00Z');
const given = { userId: 'g_1', displayName: 'Ada', accessToken: 't', expiresAt: '2026-11-25T13:00:00Z' };

test('using a link makes a guest of who is not signed in', () => {
  const redeemed = { sessionId: 's', role: 'viewer' as const, guest: given };
  expect(guestOf('secret', redeemed)).toEqual({
    ...{ sessionId: 's', displayName: 'Ada', accessToken: 't', secret: 'secret' },
    expiresAt: '2026-11-25T13:00:00Z',
  });
  expect(guestOf('secret', { ...redeemed, guest: null })).toBeNull();
});

test('a guest is renewed while the token still says which one it is', () => {
  expect(renewalInMs(given, NOW)).toBe(55 * 60_000);
  expect(renewalInMs(given, NOW + 58 * 60_000)).toBe(0);
});
