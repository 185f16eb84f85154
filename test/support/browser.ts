import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import {
  type Browser,
  type BrowserContext,
  type BrowserContextOptions,
  chromium,
  type Page,
} from 'playwright-core';
import { z } from 'zod';
import { api, createSession, type Target } from './api.ts';
import { until } from './deadline.ts';
import { Stack } from './stack.ts';

export const CHROMIUM = process.env['ALEX_CHROMIUM'] ?? '/usr/bin/chromium';
const SCREENSHOTS = join(import.meta.dirname, '..', '..', 'dist', 'screenshots');
export const TIMEOUT_MS = 20_000;

/** A whole system and a real browser beside it. */
export class Browsing {
  readonly stack: Stack;
  readonly #browser: Browser;
  /** Errors thrown in pages, to be looked at after each test. */
  readonly #errors: string[] = [];
  readonly #contexts: BrowserContext[] = [];

  private constructor(stack: Stack, browser: Browser) {
    this.stack = stack;
    this.#browser = browser;
  }

  /** `withSession`: there is a session already. Without one the page makes the first by itself. */
  static async start({ withSession = true } = {}): Promise<Browsing> {
    mkdirSync(SCREENSHOTS, { recursive: true });
    const launch = chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox', '--disable-gpu'] });
    const [stack, browser] = await Promise.all([Stack.start(), launch]);
    if (withSession) await createSession(stack, 'first');
    return new Browsing(stack, browser);
  }

  async stop(): Promise<void> {
    await this.#browser.close();
    await this.stack.stop();
  }

  /** A browser of its own, signed in with a new link as the local user, or `who`; `via`: the address it reaches the stack at. */
  async signedIn(
    options: BrowserContextOptions = {},
    via: string = this.stack.url,
    who: Target = this.stack,
  ): Promise<Page> {
    const page = await this.visitor(options);
    await page.goto(await this.signInLink(via, who));
    await page.waitForURL((url) => url.pathname !== '/sign-in');
    return page;
  }

  /** A new link, good once. */
  async signInLink(via: string = this.stack.url, who: Target = this.stack): Promise<string> {
    const answer = await api(who, 'POST', '/api/v1/auth/sign-in-links');
    const link = new URL(z.object({ url: z.string() }).parse(answer.body).url);
    link.host = new URL(via).host;
    link.searchParams.set('debug', '');
    return link.href;
  }

  /** A browser of its own in which nobody is signed in. */
  async visitor(options: BrowserContextOptions = {}): Promise<Page> {
    const context = await this.#browser.newContext({
      ...{ viewport: { width: 1200, height: 800 }, reducedMotion: 'reduce' },
      ...options,
    });
    this.#contexts.push(context);
    context.setDefaultTimeout(TIMEOUT_MS);
    const page = await context.newPage();
    page.on('pageerror', (error) => this.#errors.push(String(error)));
    return page;
  }

  /** Closes every page. Out: errors that were thrown in them. */
  async closePages(): Promise<string[]> {
    await Promise.all(this.#contexts.splice(0).map((context) => context.close()));
    return this.#errors.splice(0);
  }
}

export async function screenshot(page: Page, name: string): Promise<void> {
  await page.screenshot({ path: join(SCREENSHOTS, `${name}.png`) });
}

interface Inside {
  alexEdge?: { terminals: Map<number, { text(): string }> };
}

/** What the terminals on the page show, through the hook that `?debug` gives. */
export function terminalText(page: Page): Promise<string> {
  return page.evaluate(() => {
    const { alexEdge } = window as unknown as Inside;
    return [...(alexEdge?.terminals.values() ?? [])].map((terminal) => terminal.text()).join('\n');
  });
}

export function terminalCount(page: Page): Promise<number> {
  return page.evaluate(() => (window as unknown as Inside).alexEdge?.terminals.size ?? 0);
}

export function showsText(page: Page, wanted: RegExp): Promise<string> {
  return showsIn(() => terminalText(page), wanted);
}

/** Reads what terminals show until it matches. Out: what they showed. */
export async function showsIn(read: () => Promise<string>, wanted: RegExp): Promise<string> {
  let last = '';
  return until(
    async () => {
      last = await read();
      return wanted.test(last) ? last : null;
    },
    TIMEOUT_MS,
    `${String(wanted)} in the browser's terminal`,
  ).catch((error: unknown) => {
    throw new Error(`${String(error)}\n── terminal ──\n${last}`, { cause: error });
  });
}

/** Makes a session from the page and waits for its prompt. */
export async function newSession(page: Page): Promise<void> {
  const before = page.url();
  await page.getByTestId('new-session').first().click();
  await page.waitForURL((url) => url.href !== before && url.pathname.startsWith('/s/'));
  await page.getByTestId('terminal').first().waitFor();
  await showsText(page, /\$ ?$/m);
}

/** Types a line into the first terminal shown. */
export async function run(page: Page, command: string): Promise<void> {
  await page.getByTestId('terminal').first().click();
  await page.keyboard.type(`${command}\n`);
}
