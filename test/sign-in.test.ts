import { Client } from 'pg';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  type Browser,
  type BrowserContext,
  type BrowserContextOptions,
  chromium,
  type Page,
} from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { z } from 'zod';
import { violations } from './support/accessibility.ts';
import { CHROMIUM, TIMEOUT_MS } from './support/browser.ts';
import { CliMachine } from './support/cli.ts';
import { until } from './support/deadline.ts';
import { PlayedProvider } from './support/oidc-provider.ts';
import { freePort } from './support/ports.ts';
import { Stack } from './support/stack.ts';

/** Signing in with a real OpenID Connect provider, in a real browser. */
let provider: PlayedProvider;
let stack: Stack;
let browser: Browser;
let contexts: BrowserContext[] = [];

beforeAll(async () => {
  const port = await freePort();
  provider = await PlayedProvider.start(`http://127.0.0.1:${port}`);
  const providers = [
    provider.setting('played', 'Played'),
    provider.setting('closed', 'Closed', { allowedEmailDomains: ['elsewhere.example'] }),
  ];
  const launch = chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox', '--disable-gpu'] });
  [stack, browser] = await Promise.all([
    Stack.start({ OIDC_PROVIDERS: JSON.stringify(providers) }, { port }),
    launch,
  ]);
});
afterAll(async () => {
  await browser.close();
  await stack.stop();
  await provider.stop();
});
afterEach(async () => {
  await Promise.all(contexts.splice(0).map((context) => context.close()));
});

/** A browser in which nobody has signed in anywhere. */
async function newPage(options: BrowserContextOptions = {}): Promise<Page> {
  const context = await browser.newContext(options);
  context.setDefaultTimeout(TIMEOUT_MS);
  contexts = [...contexts, context];
  return context.newPage();
}

/** From a page of the edge through the provider's own forms. */
async function signInAt(page: Page, label: string, name: string): Promise<void> {
  await page.getByRole('link', { name: `Continue with ${label}` }).click();
  await page.locator('input[name=login]').fill(name);
  await page.locator('input[name=password]').fill('whatever');
  await page.locator('button[type=submit]').click();
  await page.getByRole('button', { name: 'Continue' }).click();
  await page.waitForURL((url) => url.origin === stack.url);
}

const Me = z.object({
  user: z.object({ userId: z.string(), displayName: z.string(), workspaceId: z.string() }),
  deviceId: z.string(),
});
const ask = (page: Page, method: string, path: string): Promise<unknown> =>
  page.evaluate(
    async ([how, where]) => (await fetch(`/api/v1/auth/${where ?? ''}`, { method: how ?? '' })).json(),
    [method, path],
  );

it('leads through the provider to where one was going, as the same user also after it changed its keys', async () => {
  const page = await newPage();
  await page.goto(`${stack.url}/s/AAAAAAAAAAAAAAAAAAAAAA`);
  await signInAt(page, 'Played', 'ada');
  expect(new URL(page.url()).pathname).toBe('/s/AAAAAAAAAAAAAAAAAAAAAA');
  const first = Me.parse(await ask(page, 'GET', 'me'));
  expect(first.user).toMatchObject({ displayName: 'ada of the provider', workspaceId: first.user.userId });
  expect(first.user.userId).toMatch(/^u_[A-Za-z0-9_-]{22}$/);
  expect(await page.evaluate(() => document.cookie)).toBe('');
  await provider.rotateKeys();
  const other = await newPage();
  await other.goto(stack.url);
  await signInAt(other, 'Played', 'ada');
  const second = Me.parse(await ask(other, 'GET', 'me'));
  expect(second.user).toEqual(first.user);
  expect(second.deviceId).not.toBe(first.deviceId);
  await knownInTheDirectory(first.user.userId);
});

it.each(['light', 'dark'] as const)(
  'offers every provider, accessibly in the %s theme',
  async (colorScheme) => {
    const page = await newPage({ colorScheme, reducedMotion: 'reduce' });
    await page.goto(`${stack.url}/sign-in`);
    await page.getByRole('link', { name: 'Continue with Closed' }).waitFor();
    expect(await page.getByRole('list', { name: 'Providers' }).getByRole('link').allInnerTexts()).toEqual([
      'Continue with Played',
      'Continue with Closed',
    ]);
    expect(await violations(page)).toEqual([]);
  },
);

it('shows by whom one signs in, and lets one choose a name that outlives the next sign-in', async () => {
  const page = await newPage({ reducedMotion: 'reduce' });
  await page.goto(stack.url);
  await signInAt(page, 'Played', 'lovelace');
  await page.goto(`${stack.url}/settings/account`);
  await page.getByRole('cell', { name: provider.issuer }).waitFor();
  await page.getByRole('cell', { name: 'lovelace@example.com' }).waitFor();
  await page.getByRole('textbox', { name: 'Name' }).fill('Ada Lovelace');
  await page.keyboard.press('Enter');
  await page.getByText('You are called Ada Lovelace now.').waitFor();
  expect(await violations(page)).toEqual([]);
  const other = await newPage();
  await other.goto(stack.url);
  await signInAt(other, 'Played', 'lovelace');
  expect(Me.parse(await ask(other, 'GET', 'me')).user.displayName).toBe('Ada Lovelace');
  await page.getByRole('button', { name: /Use the name of your sign-in again/ }).click();
  await page.getByText('You are called lovelace of the provider now.').waitFor();
});

it('renews a page’s tokens without a word', async () => {
  const page = await newPage();
  await page.goto(stack.url);
  await signInAt(page, 'Played', 'grace');
  await page.waitForURL(/\/s\//);
  // Before there is nothing to ask with: the page that is still open may be the one to notice.
  const renewed = page.waitForResponse((response) => response.url().endsWith('/api/v1/auth/refresh'));
  await page.context().clearCookies({ name: 'alex_access' });
  await page.reload();
  expect((await renewed).status()).toBe(200);
  await page.getByTestId('terminal').first().waitFor();
});

it('says what went wrong, and signs nobody in', async () => {
  const page = await newPage();
  await page.goto(stack.url);
  await signInAt(page, 'Closed', 'mallory');
  await page.getByRole('alert').getByText('does not take accounts like the one').waitFor();
  await page.goto(`${stack.url}/api/v1/auth/oidc/played/callback?code=x&state=${'s'.repeat(43)}`);
  await page.getByRole('alert').getByText('in another browser').waitFor();
  expect(await page.context().cookies(stack.url)).toEqual([]);
});

it('signs out here and at the provider', async () => {
  const page = await newPage();
  await page.goto(stack.url);
  await signInAt(page, 'Played', 'ada');
  const { endSessionUrl } = z.object({ endSessionUrl: z.url() }).parse(await ask(page, 'POST', 'sign-out'));
  await page.goto(endSessionUrl);
  await page.getByRole('button', { name: 'Yes, sign me out' }).click();
  await page.waitForURL(`${stack.url}/sign-in`);
  await page.getByRole('link', { name: 'Continue with Played' }).click();
  await page.locator('input[name=login]').waitFor();
});

it('lets a command line in by the code that both show', async () => {
  const page = await newPage();
  const machine = new CliMachine();
  try {
    const login = machine.start(['login', stack.url]);
    const [, link = '', code = ''] = await login.says(/Open (\S+)\nand confirm the code (\S+)\./);
    await page.goto(link);
    await signInAt(page, 'Played', 'ada');
    await page.getByText(code, { exact: true }).waitFor();
    await page.getByRole('button', { name: 'Sign it in' }).click();
    await page.getByRole('heading', { name: 'Signed in' }).waitFor();
    expect(await login.end()).toMatchObject({
      code: 0,
      stdout: `Signed in to ${stack.url} as ada of the provider.\n`,
    });
    expect((await machine.run(['whoami'])).stdout).toMatch(/^ada of the provider \(u_/);
    expect((await machine.run(['devices'])).stdout).toMatch(/alex on .*this one/);
    expect(await machine.run(['logout'])).toMatchObject({ code: 0, stderr: '' });
    expect(await machine.run(['whoami'])).toMatchObject({ code: 3 });
  } finally {
    machine.dispose();
  }
});

/** The directory hears of the identity and of both devices. */
async function knownInTheDirectory(userId: string): Promise<void> {
  const password = readFileSync(join(stack.dataDirectory, 'keys', 'postgres.txt'), 'utf8');
  const client = new Client({ host: stack.dataDirectory, user: 'alex', password, database: 'alex' });
  client.on('error', () => undefined);
  await client.connect();
  try {
    const sql = `select i.issuer, i.subject, i.email, count(f.id)::int as devices from identities i
      join refresh_families f on f.user_id = i.user_id where i.user_id = $1 group by 1, 2, 3`;
    const told = async (): Promise<unknown> =>
      (await client.query(sql, [userId])).rows.find((row: { devices: number }) => row.devices === 2) ?? null;
    expect(await until(told, TIMEOUT_MS, 'the directory')).toEqual({
      ...{ issuer: provider.issuer, subject: 'ada', email: 'ada@example.com', devices: 2 },
    });
  } finally {
    await client.end();
  }
}
