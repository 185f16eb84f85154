import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { api } from './support/api.ts';
import { until } from './support/deadline.ts';
import { Stack } from './support/stack.ts';

/** What a person sees in a real browser. */
const CHROMIUM = process.env['ALEX_CHROMIUM'] ?? '/usr/bin/chromium';
const SCREENSHOTS = join(import.meta.dirname, '..', 'dist', 'screenshots');
const TIMEOUT_MS = 20_000;

let stack: Stack;
let browser: Browser;
let context: BrowserContext;
let page: Page;

beforeAll(async () => {
  mkdirSync(SCREENSHOTS, { recursive: true });
  [stack, browser] = await Promise.all([
    Stack.start(),
    chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox', '--disable-gpu'] }),
  ]);
});
afterAll(async () => {
  await browser.close();
  await stack.stop();
});

beforeEach(async () => {
  [context, page] = await signedInPage();
  const errors: string[] = [];
  page.on('pageerror', (error) => errors.push(String(error)));
  onPage.set(page, errors);
});
afterEach(async () => {
  const errors = onPage.get(page) ?? [];
  await context.close();
  expect(errors, 'errors thrown in the page').toEqual([]);
});

const onPage = new WeakMap<Page, string[]>();

/** A browser of its own, signed in with a new link. */
async function signedInPage(): Promise<[BrowserContext, Page]> {
  const fresh = await browser.newContext({ viewport: { width: 1200, height: 800 } });
  fresh.setDefaultTimeout(TIMEOUT_MS);
  const answer = await api(stack, 'POST', '/api/v1/auth/sign-in-links');
  const link = new URL(z.object({ url: z.string() }).parse(answer.body).url);
  link.searchParams.set('debug', '');
  const opened = await fresh.newPage();
  await opened.goto(link.href);
  return [fresh, opened];
}

/** What the terminal on the page shows, through the hook that `?debug` gives. */
function terminalText(on: Page): Promise<string> {
  return on.evaluate(() => {
    const { alexEdge } = window as unknown as { alexEdge?: { terminals: Map<number, { text(): string }> } };
    return [...(alexEdge?.terminals.values() ?? [])].map((terminal) => terminal.text()).join('\n');
  });
}

async function showsText(on: Page, wanted: RegExp): Promise<string> {
  let last = '';
  return until(
    async () => {
      last = await terminalText(on);
      return wanted.test(last) ? last : null;
    },
    TIMEOUT_MS,
    `${String(wanted)} in the browser's terminal`,
  ).catch((error: unknown) => {
    throw new Error(`${String(error)}\n── terminal ──\n${last}`, { cause: error });
  });
}

/** Makes a session from the page and waits for its prompt. */
async function newSession(on: Page): Promise<void> {
  await on.getByTestId('new-session').first().click();
  await on.getByTestId('terminal').first().waitFor();
  await showsText(on, /\$ ?$/m);
}

async function run(on: Page, command: string): Promise<void> {
  await on.getByTestId('terminal').first().click();
  await on.keyboard.type(`${command}\n`);
}

describe('in the browser', () => {
  it('a sign-in link leads to a prompt, keys to output', async () => {
    await newSession(page);
    await run(page, 'echo sum-$((20+22))');
    await showsText(page, /^sum-42$/m);
    expect(new URL(page.url()).searchParams.get('token'), 'the token stays in the address bar').toBeNull();
    await page.screenshot({ path: join(SCREENSHOTS, 'terminal.png') });
  });

  it('a reload keeps the screen and the shell', async () => {
    await newSession(page);
    await run(page, 'kept=yes; echo before-$((1+1))');
    await showsText(page, /^before-2$/m);
    await page.reload();
    await showsText(page, /^before-2$/m);
    await run(page, 'echo still-$kept');
    await showsText(page, /^still-yes$/m);
  });

  it('going offline is shown, coming back resumes, and nothing typed is lost', async () => {
    await newSession(page);
    await run(page, 'echo online');
    await showsText(page, /^online$/m);
    await context.setOffline(true);
    // Chromium keeps open sockets when it is set offline; the page closes them on the event, as on a real loss.
    await page
      .getByTestId('connection-state')
      .getByText(/reconnect|offline|lost/i)
      .first()
      .waitFor();
    await run(page, 'echo typed-off$((0+0))line');
    await context.setOffline(false);
    await showsText(page, /^typed-off0line$/m);
  });

  it('another browser joins the same shell', async () => {
    await newSession(page);
    await run(page, 'echo shared-$((3*3))');
    await showsText(page, /^shared-9$/m);
    const [otherContext, other] = await signedInPage();
    await other.goto(page.url());
    await showsText(other, /^shared-9$/m);
    await run(other, 'echo theirs-$((4*4))');
    await showsText(page, /^theirs-16$/m);
    await otherContext.close();
  });

  it('a second terminal is another shell', async () => {
    await newSession(page);
    await page.getByTestId('new-terminal').first().click();
    await until(async () => (await page.getByTestId('terminal').count()) >= 1, TIMEOUT_MS, 'a terminal');
    await until(
      () =>
        page.evaluate(() => {
          const { alexEdge } = window as unknown as { alexEdge?: { terminals: Map<number, unknown> } };
          return (alexEdge?.terminals.size ?? 0) >= 2;
        }),
      TIMEOUT_MS,
      'two terminals',
    );
    await page.screenshot({ path: join(SCREENSHOTS, 'two-terminals.png') });
  });
});
