import { mkdirSync } from 'node:fs';
import { cloudflareTest } from '@cloudflare/vitest-plugin';
import { exportJWK, generateKeyPair } from 'jose';
import { defineConfig } from 'vitest/config';
import { newKek } from './scripts/kek.ts';

/**
 * Four projects, told apart by where the file lies: `unit` (Node, nothing outside the process), `workers` (inside
 * workerd, with the bindings of wrangler.toml), `sandbox` (Node, real sandboxes and PTYs) and `e2e` (the whole system).
 * Run one with `npx vitest run --project NAME`.
 */

/** Host id that the tests' host key stands for. */
const TEST_HOST_ID = 'test-host';

/** Keys made anew for every run, so that none is worth stealing. */
async function testKeys(): Promise<
  Record<'SIGNING_KEY' | 'HOST_KEYS' | 'KEK_KEYS' | 'TEST_HOST_KEY', string>
> {
  const options = { crv: 'Ed25519', extractable: true };
  const signing = await generateKeyPair('EdDSA', options);
  const host = await generateKeyPair('EdDSA', options);
  const hostMembers = { kid: TEST_HOST_ID, alg: 'EdDSA' };
  return {
    SIGNING_KEY: JSON.stringify({ ...(await exportJWK(signing.privateKey)), alg: 'EdDSA' }),
    HOST_KEYS: JSON.stringify({
      keys: [{ ...(await exportJWK(host.publicKey)), ...hostMembers, regions: ['*'] }],
    }),
    KEK_KEYS: JSON.stringify({ keys: [newKek('test')] }),
    // Private half of the one in HOST_KEYS; only tests have it.
    TEST_HOST_KEY: JSON.stringify({ ...(await exportJWK(host.privateKey)), ...hostMembers }),
  };
}

// wrangler.toml names it, and it has to exist even when the web client was not built.
mkdirSync(new URL('./dist/web', import.meta.url), { recursive: true });
const bindings = await testKeys();

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'unit',
          environment: 'node',
          include: ['{protocol,client,cli,scripts}/**/*.test.ts', 'web/**/*.test.{ts,tsx}'],
          testTimeout: 20_000,
        },
      },
      {
        plugins: [cloudflareTest({ wrangler: { configPath: './wrangler.toml' }, miniflare: { bindings } })],
        test: {
          name: 'workers',
          include: ['workers/**/*.test.ts'],
          // CommonJS that imports an ES module: bundled first, as wrangler does it.
          deps: { optimizer: { ssr: { enabled: true, include: ['itty-durable'] } } },
          testTimeout: 20_000,
          hookTimeout: 20_000,
        },
      },
      {
        test: {
          name: 'sandbox',
          environment: 'node',
          include: ['sandbox-host/**/*.test.ts'],
          // Sandboxes share the machine's cgroups and uids, and tests of limits want the cores to themselves.
          fileParallelism: false,
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
      {
        test: {
          name: 'e2e',
          environment: 'node',
          include: ['test/**/*.test.ts'],
          // Two files at a time: each has a stack of its own, and most of them mostly wait.
          testTimeout: 90_000,
          hookTimeout: 90_000,
        },
      },
    ],
    maxWorkers: 2,
    // Request logs of the Worker are not part of the report.
    onConsoleLog: () => false,
    passWithNoTests: false,
  },
});
