import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { Browsing, newSession, run, showsText } from './support/browser.ts';
import { CrashingTab } from './support/crashing-tab.ts';

/** What browsers do to tabs: duplicate, reload and crash them. Every tab is one client, whatever happens. */
let browsing: Browsing;
let page: Page;

beforeAll(async () => {
  browsing = await Browsing.start();
});
afterAll(() => browsing.stop());
beforeEach(async () => {
  page = await browsing.signedIn();
  await newSession(page);
});
afterEach(async () => {
  expect(await browsing.closePages(), 'errors thrown in the page').toEqual([]);
});

/** The id of the client of a tab, as its storage has it. */
function clientId(tab: Page): Promise<string | null> {
  return tab.evaluate(() => sessionStorage.getItem(`alex.client.${location.pathname.split('/')[2] ?? ''}`));
}

/** What typed bytes a tab keeps. */
function keptInput(tab: Page): Promise<string[]> {
  return tab.evaluate(() =>
    Object.entries(sessionStorage as unknown as Record<string, string>)
      .filter(([key]) => key.startsWith('alex.input.'))
      .map(([, kept]) => (JSON.parse(kept) as { pending: string }).pending),
  );
}

/** Opens the tab once more, with a copy of its storage, as "Duplicate" does. */
async function duplicate(tab: Page): Promise<Page> {
  const opened = tab.context().waitForEvent('page');
  await tab.evaluate(() => void window.open(location.href));
  const copy = await opened;
  await copy.getByTestId('terminal').first().waitFor();
  return copy;
}

async function goOffline(tab: Page): Promise<void> {
  await tab.context().setOffline(true);
  await lost(tab);
}

async function lost(tab: Page): Promise<void> {
  await tab
    .getByTestId('connection-state')
    .getByText(/reconnect|offline|lost/i)
    .first()
    .waitFor();
}

const count = (text: string, wanted: RegExp): number => (text.match(wanted) ?? []).length;

describe('a tab', () => {
  it('that is duplicated is another client: both type, each key arrives once, and a reload keeps each', async () => {
    await run(page, 'echo from-$((0+1))st');
    await showsText(page, /^from-1st$/m);
    const copy = await duplicate(page);
    await showsText(copy, /^from-1st$/m);
    await run(copy, 'echo from-$((1+1))nd');
    await showsText(page, /^from-2nd$/m);
    await run(page, 'echo from-$((1+2))rd');
    const text = await showsText(copy, /^from-3rd$/m);
    for (const line of [/^from-1st$/gm, /^from-2nd$/gm, /^from-3rd$/gm]) expect(count(text, line)).toBe(1);
    await expect(page.getByTestId('connection-state').innerText()).resolves.toContain('Connected');
    const ids = [await clientId(page), await clientId(copy)];
    expect(new Set(ids).size).toBe(2);
    for (const tab of [page, copy]) {
      await tab.reload();
      await showsText(tab, /^from-3rd$/m);
    }
    expect([await clientId(page), await clientId(copy)]).toEqual(ids);
  });

  it('that is duplicated while keys wait does not type them a second time', async () => {
    await run(page, 'echo ready');
    await showsText(page, /^ready$/m);
    // Only this tab has no network: its keys wait, and the copy gets them with its storage.
    const tab = await CrashingTab.of(page);
    await tab.setOffline(true);
    await lost(page);
    await run(page, 'echo waited-$((5+5))');
    expect((await keptInput(page)).join('')).not.toBe('');
    const copy = await duplicate(page);
    await showsText(copy, /^ready$/m);
    expect(await keptInput(copy)).not.toContain((await keptInput(page))[0]);
    await run(copy, 'echo copy-$((3+3))');
    await showsText(copy, /^copy-6$/m);
    await tab.setOffline(false);
    await showsText(copy, /^waited-10$/m);
    await run(copy, 'echo last-$((4+4))');
    expect(count(await showsText(copy, /^last-8$/m), /^waited-10$/gm)).toBe(1);
  });

  it('that is reloaded while keys wait is the same client and types them once', async () => {
    await run(page, 'echo ready');
    await showsText(page, /^ready$/m);
    const id = await clientId(page);
    await goOffline(page);
    await run(page, 'echo waited-$((5+5))');
    await page.context().setOffline(false);
    await page.reload();
    const text = await showsText(page, /^waited-10$/m);
    expect(count(text, /^waited-10$/gm)).toBe(1);
    expect(await clientId(page)).toBe(id);
  });

  it('that crashed while keys waited, without a goodbye, comes back and types them once', async () => {
    await run(page, 'echo ready');
    await showsText(page, /^ready$/m);
    const tab = await CrashingTab.of(page);
    await tab.setOffline(true);
    await lost(page);
    await run(page, 'echo waited-$((5+5)); seen=x$seen');
    await page.keyboard.type('echo runs-$se');
    await tab.crash();
    await tab.reload();
    await tab.showsText(/^waited-10\n.*echo runs-\$se$/m);
    const other = await browsing.signedIn();
    await other.goto(page.url());
    await showsText(other, /runs-\$se$/m);
    await run(other, 'en');
    expect(count(await showsText(other, /^runs-x+$/m), /^runs-x$/gm)).toBe(1);
  });
});
