import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { SETTINGS_PATHS } from '../web/app/router.ts';
import { focusedName, unreached, violations, violationsAtEachSize } from './support/accessibility.ts';
import { api, createSession } from './support/api.ts';
import { Browsing, newSession, run, screenshot, showsText } from './support/browser.ts';
import { personOn, share } from './support/people.ts';

/** Every page against the rules of WCAG 2.2 A and AA that a program can check (axe-core). */
let browsing: Browsing;

beforeAll(async () => {
  browsing = await Browsing.start();
});
afterAll(() => browsing.stop());
afterEach(async () => {
  expect(await browsing.closePages(), 'errors thrown in the page').toEqual([]);
});

describe.each(['light', 'dark'] as const)('accessible in the %s theme', (colorScheme) => {
  it('a session with splits, the search bar and the help', async () => {
    const page = await browsing.signedIn({ colorScheme });
    await newSession(page);
    await page.keyboard.press('Alt+Shift+R');
    await page.getByRole('separator').waitFor();
    expect(await violations(page)).toEqual([]);
    await page.keyboard.press('Control+Shift+F');
    await page.getByLabel('Find in the terminal').waitFor();
    expect(await violations(page)).toEqual([]);
    await page.keyboard.press('Escape');
    await page.keyboard.press('F1');
    await page.getByRole('heading', { name: 'Keyboard shortcuts' }).waitFor();
    expect(await violations(page)).toEqual([]);
  });

  it('a shell that ended', async () => {
    const page = await browsing.signedIn({ colorScheme });
    await newSession(page);
    await page.keyboard.type('exit 3\n');
    await page.getByText('Ended with code 3.').waitFor();
    expect(await violations(page)).toEqual([]);
  });

  it('people in one session: the panel, whose size it is, only watching, and following', async () => {
    const owner = await browsing.signedIn({ colorScheme });
    await newSession(owner);
    const id = new URL(owner.url()).pathname.split('/')[2] ?? '';
    const guest = async (userId: string, role: string): Promise<Page> => {
      await share(browsing.stack, id, userId, role);
      const who = await personOn(browsing.stack, userId, `Guest ${userId}`);
      const page = await browsing.signedIn(
        { colorScheme, viewport: { width: 800, height: 600 } },
        undefined,
        who,
      );
      await page.goto(owner.url());
      await page.getByTestId('terminal').first().waitFor();
      return page;
    };
    const [viewer, editor] = [
      await guest(`v-${colorScheme}`, 'viewer'),
      await guest(`e-${colorScheme}`, 'editor'),
    ];
    await viewer.getByTestId('view-only').waitFor();
    await run(owner, 'ls -la --color=always /; echo listed');
    await showsText(viewer, /^listed$/m);
    for (const page of [viewer, editor]) {
      await page.getByTestId('size-hint').waitFor();
      await page.getByTestId('typists').waitFor();
      expect(await violations(page)).toEqual([]);
    }
    await viewer.getByTestId('terminal').first().click();
    await viewer.keyboard.type('x');
    await viewer.getByRole('alert').waitFor();
    expect(await violations(viewer)).toEqual([]);
    await editor.keyboard.press('Alt+Shift+F');
    await editor.getByTestId('follow-banner').waitFor();
    expect(await violations(editor)).toEqual([]);
    for (const page of [owner, viewer]) {
      await page.keyboard.press('Alt+Shift+P');
      await page.getByTestId('people-panel').waitFor();
      expect(await violations(page)).toEqual([]);
    }
  });

  it('a session, the list of them and its people on a phone, and no session chosen', async () => {
    const phone = await browsing.signedIn({
      ...{ colorScheme, viewport: { width: 390, height: 760 }, hasTouch: true, isMobile: true },
    });
    await phone.getByRole('button', { name: 'New session', exact: true }).first().tap();
    await phone.getByTestId('terminal').waitFor();
    expect(await violations(phone)).toEqual([]);
    await phone.getByRole('button', { name: 'Show sessions' }).tap();
    await phone.getByRole('navigation', { name: 'Sessions' }).waitFor();
    expect(await violations(phone)).toEqual([]);
    await phone.reload();
    await phone.getByTestId('terminal').waitFor();
    await phone.keyboard.press('Alt+Shift+P');
    await phone.getByText('No link is open.').waitFor();
    expect(await violations(phone)).toEqual([]);
    await phone.goto(new URL(phone.url()).origin);
    await phone.getByRole('heading', { name: 'Pick a session, or start one' }).waitFor();
    expect(await violationsAtEachSize(phone)).toEqual([]);
  });

  it('a guest of a session, before and after it is opened', async () => {
    const { id } = await createSession(browsing.stack, 'shared');
    const made = await api(browsing.stack, 'POST', `/api/v1/sessions/${id}/share-links`, { role: 'viewer' });
    const { url } = z.object({ url: z.string() }).parse(made.body);
    const page = await browsing.visitor({ colorScheme });
    await page.goto(url);
    await page.getByLabel('Your name').waitFor();
    expect(await violationsAtEachSize(page)).toEqual([]);
    await page.getByRole('button', { name: 'Open the session' }).click();
    await page.getByTestId('view-only').waitFor();
    expect(await violationsAtEachSize(page)).toEqual([]);
  });

  it('links that are not complete, and one that was used', async () => {
    const page = await browsing.visitor({ colorScheme });
    const { url } = browsing.stack;
    for (const link of [`${url}/share#none`, `${url}/invitation#none`, `${url}/sign-in?token=used`]) {
      await page.goto(link);
      await page.getByRole('heading', { level: 1 }).waitFor();
      if (link.endsWith('used')) await page.getByRole('alert').waitFor();
      expect(await violationsAtEachSize(page), link).toEqual([]);
    }
  });

  it('a command line that is let in by its code, and a code that is wrong', async () => {
    const page = await browsing.signedIn({ colorScheme });
    const { origin } = new URL(page.url());
    await page.goto(`${origin}/device?code=XXXX-XXXX`);
    await page.getByRole('alert').getByText('No program waits under this code').waitFor();
    expect(await violations(page)).toEqual([]);
    const nobody = { url: origin, token: '' };
    const begun = await api(nobody, 'POST', '/api/v1/auth/device-codes', { label: 'alex' });
    const { userCode } = z.object({ userCode: z.string() }).parse(begun.body);
    await page.getByLabel('The code that').fill(userCode);
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'Sign this device in as you?' }).waitFor();
    expect(await violations(page)).toEqual([]);
    await page.getByRole('button', { name: 'Refuse' }).click();
    await page.getByRole('heading', { name: 'Refused' }).waitFor();
    expect(await violations(page)).toEqual([]);
  });

  it('the settings, a question and a link made', async () => {
    const page = await browsing.signedIn({ colorScheme });
    const { origin } = new URL(page.url());
    for (const [of, path] of Object.entries(SETTINGS_PATHS)) {
      await page.goto(`${origin}${path}`);
      await page.getByRole('heading', { level: 1 }).waitFor();
      await page.getByText('Loading…').first().waitFor({ state: 'detached' });
      expect(await violationsAtEachSize(page), of).toEqual([]);
      await screenshot(page, `settings-${of}-${colorScheme}`);
    }
    await page.goto(`${origin}${SETTINGS_PATHS.keys}`);
    await page.getByRole('textbox', { name: 'Name' }).fill('a');
    await page.getByRole('button', { name: 'Make the key' }).click();
    await page.getByRole('group', { name: 'New key' }).waitFor();
    await page.getByRole('button', { name: 'Revoke a' }).first().click();
    await page.getByRole('dialog').waitFor();
    expect(await violationsAtEachSize(page)).toEqual([]);
    await screenshot(page, `settings-question-${colorScheme}`);
  });
});

describe('with the keyboard alone', () => {
  it('everything in the settings is reached in the order of the page, and the focus is never lost', async () => {
    const page = await browsing.signedIn({ viewport: { width: 1280, height: 800 } });
    const { origin } = new URL(page.url());
    for (const [of, path] of Object.entries(SETTINGS_PATHS)) {
      await page.goto(`${origin}${path}`);
      await page.getByText('Loading…').first().waitFor({ state: 'detached' });
      expect(await focusedName(page), of).toMatch(/^h1 /);
      expect(await unreached(page), of).toEqual([]);
    }
    await page.goto(`${origin}${SETTINGS_PATHS.keys}`);
    await page.getByRole('textbox', { name: 'Name' }).fill('walked');
    await page.keyboard.press('Enter');
    await page.getByRole('group', { name: 'New key' }).waitFor();
    expect(await focusedName(page)).toBe('input The key');
    await page.getByRole('button', { name: 'Done' }).press('Enter');
    await expect.poll(() => focusedName(page)).toBe('h2 New key');
    const revoke = page.getByRole('button', { name: 'Revoke walked' });
    await revoke.press('Enter');
    expect(await focusedName(page)).toBe('button Cancel');
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    expect(await focusedName(page)).toBe('button Revoke walked');
    await page.keyboard.press('Enter');
    await page.getByRole('dialog').getByRole('button', { name: 'Revoke' }).press('Enter');
    await revoke.waitFor({ state: 'detached' });
    await expect.poll(() => focusedName(page)).toBe('h2 Your keys');
    await page.keyboard.press('F1');
    await page.getByRole('heading', { name: 'Keyboard shortcuts' }).waitFor();
    await page.keyboard.press('F1');
    await expect.poll(() => focusedName(page)).toBe('h2 Your keys');
    await page.getByRole('textbox', { name: 'Name' }).press('Escape');
    expect(page.url()).toContain('/settings');
    // Nothing has the focus now, and Esc still leads back.
    await page.keyboard.press('Escape');
    await page.waitForURL((url) => !url.pathname.startsWith('/settings'));
  });

  it('the people panel opens, shares and closes, and gives the focus back to the terminal', async () => {
    const page = await browsing.signedIn();
    await newSession(page);
    await page.keyboard.press('Alt+Shift+P');
    await page.getByText('No link is open.').waitFor();
    expect(await focusedName(page)).toMatch(/^aside People/);
    await page.getByRole('button', { name: 'New link' }).press('Enter');
    await page.getByLabel('People', { exact: true }).last().press('Enter');
    await page.getByRole('textbox', { name: 'The link' }).waitFor();
    expect(await focusedName(page)).toBe('input The link');
    await page.keyboard.press('Escape');
    expect(await focusedName(page)).toMatch(/^aside People/);
    await page.getByRole('button', { name: 'Done' }).press('Enter');
    await expect.poll(() => focusedName(page)).toBe('h3 Share links');
    await page.keyboard.press('Escape');
    await page.getByTestId('people-panel').waitFor({ state: 'detached' });
    expect(await focusedName(page)).toMatch(/^textarea Terminal input/);
  });
});
