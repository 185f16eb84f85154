import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  Browsing,
  newSession,
  run,
  screenshot,
  showsText,
  terminalCount,
  TIMEOUT_MS,
} from './support/browser.ts';
import { until } from './support/deadline.ts';

/** What a person sees in a real browser. */
let browsing: Browsing;
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
