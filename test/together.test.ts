import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  Browsing,
  newSession,
  run,
  screenshot,
  showsText,
  terminalText,
  TIMEOUT_MS,
} from './support/browser.ts';
import { until } from './support/deadline.ts';
import { personOn, share } from './support/people.ts';

/** Two people in two browsers. */
let browsing: Browsing;
let owner: Page;

beforeAll(async () => {
  browsing = await Browsing.start();
});
afterAll(() => browsing.stop());
beforeEach(async () => {
  owner = await browsing.signedIn();
  await newSession(owner);
});
afterEach(async () => {
  expect(await browsing.closePages(), 'errors thrown in the page').toEqual([]);
});

const sessionId = (): string => /\/s\/([\w-]{22})/.exec(owner.url())?.[1] ?? '';

/** Somebody with a role, in a browser of their own, on the owner's session. */
async function join(userId: string, name: string, role: string, width = 1200): Promise<Page> {
  await share(browsing.stack, sessionId(), userId, role);
  const who = await personOn(browsing.stack, userId, name);
  const page = await browsing.signedIn({ viewport: { width, height: 700 } }, undefined, who);
  await page.goto(owner.url());
  await page.getByTestId('terminal').first().waitFor();
  await showsText(page, /\$ ?$/m);
  return page;
}

/** Where a session's links are listed and made. */
const LINKS = /\/share-links$/;

/** How many columns the terminal's program has, as both pages must agree. */
const columns = (page: Page): Promise<number> =>
  page.evaluate(() => {
    const { alexEdge } = window as unknown as {
      alexEdge: { terminals: Map<number, { terminal: { cols: number } }> };
    };
    return [...alexEdge.terminals.values()][0]?.terminal.cols ?? 0;
  });

const same = (one: Page, other: Page): Promise<true> =>
  until(
    async () => ((await columns(one)) === (await columns(other)) ? true : null),
    TIMEOUT_MS,
    'the same size in both pages',
  );

describe('together', () => {
  it('people see each other come, type and go; a viewer may not type until an owner lets them', async () => {
    const ada = await join('ada', 'Ada Lovelace', 'viewer');
    await owner.getByRole('button', { name: /2 here: you, Ada Lovelace \(viewer\)/ }).waitFor();
    await owner.getByTestId('announcer').getByText('Ada Lovelace joined.').waitFor({ state: 'attached' });
    await ada.getByTestId('view-only').waitFor();
    await ada.getByTestId('terminal').first().click();
    await ada.keyboard.type('no');
    await ada.getByRole('alert').getByText('You only watch here').waitFor();
    await run(owner, 'echo from-$((1+1))');
    await showsText(ada, /^from-2$/m);
    expect(await terminalText(owner)).not.toContain('no');
    await ada.getByTestId('typists').getByText('Local user').waitFor();
    await screenshot(ada, 'together-viewer');

    await owner.keyboard.press('Alt+Shift+P');
    await owner.getByTestId('people-panel').waitFor();
    await screenshot(owner, 'together-panel');
    await owner.getByRole('combobox', { name: 'Role of Ada Lovelace' }).selectOption('editor');
    await ada.getByTestId('view-only').waitFor({ state: 'detached' });
    await run(ada, 'echo by-$((2+1))');
    await showsText(owner, /^by-3$/m);
    await owner.getByRole('button', { name: 'Remove Ada Lovelace' }).click();
    await ada
      .getByTestId('connection-state')
      .getByText(/no longer shared with you/)
      .waitFor();
    await owner.getByTestId('announcer').getByText('Ada Lovelace left.').waitFor({ state: 'attached' });
  });

  it('the size follows who types; the other sees it whole, framed, with whose it is', async () => {
    const bob = await join('bob', 'Bob', 'editor', 700);
    const wide = await columns(owner);
    await bob.getByTestId('size-hint').getByText('Sized by Local user').waitFor();
    await same(owner, bob);
    const [screen, place] = await bob.evaluate(() =>
      ['.xterm-screen', '.terminal-host'].map((name) => document.querySelector(name)?.clientWidth ?? 0),
    );
    expect(screen).toBeGreaterThan(200);
    expect(screen).toBeLessThanOrEqual(place ?? 0);
    await screenshot(bob, 'together-letterbox');
    await run(bob, 'true');
    await owner.getByTestId('size-hint').getByText('Sized by Bob').waitFor();
    await bob.getByTestId('size-hint').waitFor({ state: 'detached' });
    // Whose it is is told at once, the size when the program has it.
    await until(async () => ((await columns(owner)) < wide ? true : null), TIMEOUT_MS, 'the size of Bob');
    await same(owner, bob);
    await run(bob, 'tput cols');
    await showsText(bob, new RegExp(`^${await columns(bob)}$`, 'm'));
    await screenshot(owner, 'together-letterbox-wide');
    await owner.getByRole('button', { name: 'use my size' }).click();
    await bob.getByTestId('size-hint').waitFor();
    await until(async () => ((await columns(owner)) >= wide ? true : null), TIMEOUT_MS, 'the old size');
  });

  it('one follows another to terminals and back in time, until one types', async () => {
    const bob = await join('bob', 'Bob', 'editor');
    await run(owner, 'seq 1 300');
    await showsText(bob, /^300$/m);
    await bob.keyboard.press('Alt+Shift+F');
    await bob.getByTestId('follow-banner').getByText('Local user').waitFor();
    await owner.getByTestId('new-terminal').first().click();
    await bob.getByRole('tab', { name: /Terminal 2|\$|bash/, selected: true }).waitFor();
    const selected = (page: Page) => page.getByRole('tab', { selected: true }).innerText();
    await until(
      async () => ((await selected(bob)) === (await selected(owner)) ? true : null),
      TIMEOUT_MS,
      'the same tab',
    );
    await owner.getByRole('tab').first().click();
    await owner.getByTestId('terminal').first().hover();
    await owner.mouse.wheel(0, -2_000);
    await until(
      async () => ((await scrolled(bob)) > 0 ? true : null),
      TIMEOUT_MS,
      'the same place in the past',
    );
    await screenshot(bob, 'together-follow');
    await bob.keyboard.press('Escape');
    await bob.getByTestId('follow-banner').waitFor({ state: 'detached' });
  });

  it('a page can be made to only watch, also on a phone and in light colours', async () => {
    const bob = await join('bob', 'Bob', 'editor', 400);
    await bob.emulateMedia({ colorScheme: 'light' });
    await bob.getByTestId('people').click();
    await bob.getByRole('checkbox', { name: 'Only watch on this page' }).check();
    await bob.getByTestId('view-only').waitFor();
    await screenshot(bob, 'together-phone');
    await bob.reload();
    await bob.getByTestId('view-only').waitFor();
    await bob.getByTestId('people').click();
    await bob.getByRole('checkbox', { name: 'Only watch on this page' }).uncheck();
    await bob.getByTestId('view-only').waitFor({ state: 'detached' });
  });

  it('a link lets a guest without an account watch this one session, until it is revoked', async () => {
    await owner.keyboard.press('Alt+Shift+P');
    await owner.getByText('No link is open.').waitFor();
    await owner.getByRole('button', { name: 'New link' }).click();
    const { promise: held, resolve: listed } = Promise.withResolvers<undefined>();
    const listing = owner.waitForRequest(
      (request) => LINKS.test(request.url()) && request.method() === 'GET',
    );
    await owner.route(LINKS, async (route) => {
      if (route.request().method() === 'GET') await held;
      await route.continue();
    });
    await owner.getByRole('button', { name: 'Make the link' }).click();
    const link = await owner.getByRole('textbox', { name: 'The link' }).inputValue();
    await listing;
    // The list has it, whatever the edge has not yet answered.
    await owner.getByRole('button', { name: 'Revoke the link for viewers' }).waitFor();
    expect(await owner.getByText('No link is open.').count()).toBe(0);
    await screenshot(owner, 'share-link');
    listed(undefined);

    const guest = await browsing.visitor({ viewport: { width: 800, height: 600 } });
    const arrival = new URL(link);
    arrival.searchParams.set('debug', '');
    await guest.goto(arrival.href);
    await guest.getByLabel('Your name').fill('Grace');
    expect(guest.url()).not.toContain('alexshare');
    await guest.getByRole('button', { name: 'Open the session' }).click();
    await guest.getByTestId('view-only').waitFor();
    await owner.getByTestId('announcer').getByText('Grace joined.').waitFor({ state: 'attached' });
    await run(owner, 'echo for-$((3+1))');
    await showsText(guest, /^for-4$/m);
    await guest.reload();
    await showsText(guest, /^for-4$/m);
    expect(guest.url()).not.toContain('alexshare');
    expect(await guest.evaluate(() => JSON.stringify(localStorage))).not.toMatch(/alexshare|eyJ/);
    await screenshot(guest, 'share-guest');

    await owner.getByRole('button', { name: 'Revoke the link for viewers' }).click();
    await owner.getByRole('dialog').getByRole('button', { name: 'Revoke' }).click();
    await guest
      .getByTestId('connection-state')
      .getByText(/no longer shared with you/)
      .waitFor();
  });
});

/** Lines the first terminal of a page is scrolled up. */
function scrolled(page: Page): Promise<number> {
  return page.evaluate(() => {
    const { alexEdge } = window as unknown as {
      alexEdge: { terminals: Map<number, { scrollLines: number }> };
    };
    return [...alexEdge.terminals.values()][0]?.scrollLines ?? 0;
  });
}
