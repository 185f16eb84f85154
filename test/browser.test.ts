import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import {
  Browsing,
  newSession,
  run,
  screenshot,
  showsText,
  terminalCount,
  TIMEOUT_MS,
} from './support/browser.ts';
import { violations } from './support/accessibility.ts';
import { api } from './support/api.ts';
import { until } from './support/deadline.ts';

const Devices = z.object({ devices: z.array(z.object({ id: z.string(), current: z.boolean() })) });

/** What a person sees in a real browser. */
let browsing: Browsing;
/** Access is asked for again every 5 s at the latest; the rest is what a busy machine takes. */
const SIGNED_OUT_WITHIN_MS = 8_000;
let page: Page;

beforeAll(async () => {
  browsing = await Browsing.start({ withSession: false });
});
afterAll(() => browsing.stop());
beforeEach(async () => {
  page = await browsing.signedIn();
});
afterEach(async () => {
  expect(await browsing.closePages(), 'errors thrown in the page').toEqual([]);
});

describe('in the browser', () => {
  it('a sign-in link leads somebody without a session to a prompt, keys to output', async () => {
    await page.waitForURL((url) => url.pathname.startsWith('/s/'));
    await showsText(page, /\$ ?$/m);
    await run(page, 'echo sum-$((20+22))');
    await showsText(page, /^sum-42$/m);
    expect(new URL(page.url()).searchParams.get('token'), 'the token stays in the address bar').toBeNull();
    await screenshot(page, 'terminal');
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
    await page.context().setOffline(true);
    // Chromium keeps open sockets when it is set offline; the page closes them on the event, as on a real loss.
    await page
      .getByTestId('connection-state')
      .getByText(/reconnect|offline|lost/i)
      .first()
      .waitFor();
    await run(page, 'echo typed-off$((0+0))line');
    await page.context().setOffline(false);
    await showsText(page, /^typed-off0line$/m);
  });

  it('signed out from elsewhere, every tab says so, and comes back to the same shell', async () => {
    await newSession(page);
    // What it prints goes through the sockets, and with that each is asked whether it may still be here.
    await run(page, 'kept=yes; echo before-$((2+2)); while sleep 0.3; do echo tick; done');
    await showsText(page, /^before-4$/m);
    const sessionUrl = page.url();
    const secondTab = await page.context().newPage();
    await secondTab.goto(sessionUrl);
    await showsText(secondTab, /^before-4$/m);
    const devices = await page.evaluate(async () => (await fetch('/api/v1/auth/devices')).json() as unknown);
    const [own] = Devices.parse(devices).devices.filter(({ current }) => current);
    const path = `/api/v1/auth/devices/${own?.id ?? ''}`;
    expect((await api(browsing.stack, 'DELETE', path)).status).toBe(204);
    const told = (tab: Page) => tab.getByRole('alert').filter({ hasText: /You were signed out here/ });
    await told(page).waitFor({ timeout: SIGNED_OUT_WITHIN_MS });
    const asked: string[] = [];
    page.on('request', (request) => asked.push(request.url()));
    await told(secondTab).waitFor({ timeout: SIGNED_OUT_WITHIN_MS });
    expect(await violations(page)).toEqual([]);
    expect(await page.getByTestId('terminal').count()).toBe(0);
    await screenshot(page, 'signed-out');

    await page.getByLabel(/paste it here/).fill(await browsing.signInLink());
    const again = asked.filter((url) => /\/api\/v1\/sessions/.test(url));
    expect(again, 'the page goes on asking').toEqual([]);
    await page.keyboard.press('Enter');
    await page.getByTestId('terminal').first().waitFor();
    expect(page.url()).toBe(sessionUrl);
    await showsText(page, /^before-4$/m);
    await page.getByTestId('terminal').first().click();
    await page.keyboard.press('Control+c');
    await run(page, 'echo still-$kept');
    await showsText(page, /^still-yes$/m);
    // Another tab of the browser is signed in with it.
    await secondTab.getByTestId('terminal').first().waitFor();
    await showsText(secondTab, /^still-yes$/m);
  });

  it('another browser joins the same shell', async () => {
    await newSession(page);
    await run(page, 'echo shared-$((3*3))');
    await showsText(page, /^shared-9$/m);
    const other = await browsing.signedIn();
    await other.goto(page.url());
    await showsText(other, /^shared-9$/m);
    await run(other, 'echo theirs-$((4*4))');
    await showsText(page, /^theirs-16$/m);
  });

  it('a second terminal is another shell', async () => {
    await newSession(page);
    await run(page, 'mine=first');
    await page.getByTestId('new-terminal').first().click();
    await until(async () => (await terminalCount(page)) >= 2, TIMEOUT_MS, 'two terminals');
    await page.getByRole('tab', { name: 'Terminal 2' }).waitFor();
    await run(page, 'echo "mine is ${mine:-unset}"');
    await showsText(page, /^mine is unset$/m);
  });
});
