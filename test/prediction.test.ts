import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { Browsing, newSession, run, screenshot, showsText, terminalText } from './support/browser.ts';
import { until } from './support/deadline.ts';
import { LatencyProxy } from './support/latency-proxy.ts';
import { PtyClient } from './support/pty-client.ts';

/** Predictive echo in a real browser, with the edge 200 ms away. */
const USUAL = { oneWayMs: 100, jitterMs: 10 };
/** So far that nothing typed comes back while a test looks. */
const AWAY = { oneWayMs: 60_000 };
const TIMEOUT_MS = 20_000;
interface Stream {
  pendingInputBytes: number;
  mode: { canonical: boolean } | null;
}
interface Inside {
  alexEdge?: { terminals: Map<number, { stream: Stream | null }> };
}

let browsing: Browsing;
let proxy: LatencyProxy;
let page: Page;

beforeAll(async () => {
  browsing = await Browsing.start();
  proxy = await LatencyProxy.start(browsing.stack.url, USUAL);
});
afterAll(async () => {
  await proxy.stop();
  await browsing.stop();
});
afterEach(async () => {
  proxy.distance = USUAL;
  expect(await browsing.closePages(), 'errors thrown in the page').toEqual([]);
});

/** A session whose prompt has echoed, so that it is known; what is predicted from now on is remembered. */
async function begin(colorScheme: 'dark' | 'light' = 'dark'): Promise<void> {
  page = await browsing.signedIn({ colorScheme }, proxy.url);
  await newSession(page);
  await run(page, 'echo hello $((40+2))');
  await showsText(page, /^hello 42\n~ \$ ?$/m);
  // The page has heard that the shell reads again: what it believes of a line depends on who reads it.
  await page.waitForFunction(() => {
    const { alexEdge } = window as unknown as Inside;
    return [...(alexEdge?.terminals.values() ?? [])].every(({ stream }) => stream?.mode?.canonical === false);
  });
  await page.evaluate(() => {
    const seen: string[] = [];
    Object.assign(window, { predicted: seen });
    new MutationObserver(() => {
      for (const span of document.querySelectorAll('.xterm-prediction [data-predicted]'))
        seen.push(span.textContent);
    }).observe(document.body, { subtree: true, childList: true });
  });
}

/** The predicted cells shown now. */
function shown(): Promise<{ text: string; underlined: boolean }> {
  return page.evaluate(() => {
    const spans = [...document.querySelectorAll<HTMLElement>('.xterm-prediction [data-predicted]')];
    return {
      text: spans.map(({ textContent }) => textContent).join(''),
      underlined: spans.every(({ style }) => style.textDecoration.includes('underline')),
    };
  });
}

/** Everything that was ever predicted and shown. */
async function everShown(): Promise<Set<string>> {
  const all = await page.evaluate(() => (window as unknown as { predicted: string[] }).predicted);
  return new Set(all);
}

/** What was typed was applied, and the page knows: only then does an echo count as one. */
async function applied(): Promise<void> {
  await page.waitForFunction(() => {
    const { alexEdge } = window as unknown as Inside;
    return [...(alexEdge?.terminals.values() ?? [])].every(({ stream }) => stream?.pendingInputBytes === 0);
  });
}

async function confirmed(): Promise<void> {
  await until(async () => (await shown()).text === '', TIMEOUT_MS, 'the end of all predictions');
}

/** The terminal as somebody sees it who was never far away. */
async function serverText(): Promise<string> {
  const sessionId = new URL(page.url()).pathname.split('/').at(-1) ?? '';
  const near = await PtyClient.connect(browsing.stack, sessionId);
  const terminal = near.attach(1);
  await until(() => terminal.snapshots > 0, TIMEOUT_MS, 'the screen');
  await terminal.screen.write('');
  const text = terminal.screen.history();
  near.close();
  return text;
}

/** Nothing is predicted any more, and the page shows what the server has. */
async function settled(): Promise<void> {
  await confirmed();
  let [here, there] = ['', ''];
  const same = async (): Promise<boolean> => {
    [here, there] = [(await terminalText(page)).replaceAll(/ +$/gm, '').trimEnd(), await serverText()];
    return here === there;
  };
  await until(same, TIMEOUT_MS, 'the server’s screen').catch((error: unknown) => {
    throw new Error(`${String(error)}\n── here ──\n${here}\n── there ──\n${there}`, { cause: error });
  });
  expect((await shown()).text).toBe('');
}

describe('with the edge 200 ms away', () => {
  it.each(['dark', 'light'] as const)(
    'keys show at once, underlined, and are confirmed (%s)',
    async (scheme) => {
      await begin(scheme);
      // The first key may still be taken for part of what was before it; the second is on a screen at rest.
      for (const line of ['e', 'ec']) {
        await page.keyboard.type(line.at(-1) ?? '');
        await showsText(page, new RegExp(`^~ \\$ ${line}$`, 'm'));
        await applied();
      }
      proxy.distance = AWAY;
      await page.keyboard.type('ho far-$((6*7)) # typed');
      await expect
        .poll(async () => (await shown()).text.replaceAll(' ', ''), { timeout: TIMEOUT_MS })
        .toBe('hofar-$((6*7))#typed');
      const typed = await shown();
      expect(typed.underlined).toBe(true);
      for (let times = 0; times < 6; times++) await page.keyboard.press('ArrowLeft');
      await screenshot(page, `prediction-${scheme}`);
    },
  );

  it('what was typed is confirmed, edited, and the screen is the server’s', async () => {
    await begin();
    await page.keyboard.type('echo onexthree', { delay: 40 });
    for (let times = 0; times < 5; times++) await page.keyboard.press('ArrowLeft');
    await page.keyboard.press('Backspace');
    await page.keyboard.type('-two-', { delay: 40 });
    await settled();
    expect((await everShown()).size).toBeGreaterThan(5);
    await page.keyboard.press('Enter');
    await showsText(page, /^one-two-three$/m);
    await settled();
  });

  it('a password is never shown', async () => {
    await begin();
    await run(page, 'read -s secret');
    await page.keyboard.type('QZ', { delay: 30 });
    await showsText(page, /read -s secret$/);
    await page.keyboard.type('QZQZ', { delay: 80 });
    await page.keyboard.press('Enter');
    await run(page, 'echo read ${#secret}');
    await showsText(page, /^read 6$/m);
    await settled();
    const ever = await everShown();
    expect([ever.has('Q'), ever.has('Z'), ever.has('#')]).toEqual([false, false, true]);
  });

  it('vim shows what is inserted, and no command', async () => {
    await begin();
    await run(page, 'vim -u NONE -i NONE -n');
    await showsText(page, /VIM - Vi IMproved/);
    await page.keyboard.type('ohello world', { delay: 60 });
    await page.keyboard.press('Escape');
    await page.keyboard.type('0wDjkxP', { delay: 60 });
    await settled();
    await page.keyboard.type(':q!\n');
    await showsText(page, /\$ ?$/);
    await settled();
    const ever = [...(await everShown())].join('');
    expect(ever).toContain('w');
    expect(ever).not.toMatch(/[DjkxP0]/);
  });
});
