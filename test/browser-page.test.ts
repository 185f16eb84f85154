import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  Browsing,
  newSession,
  run,
  screenshot,
  showsText,
  terminalCount,
  terminalText,
  TIMEOUT_MS,
} from './support/browser.ts';
import { api } from './support/api.ts';
import { until } from './support/deadline.ts';
import { personOn } from './support/people.ts';

/** The page around the terminals: keys, splits, ends, sessions, phones, themes. */
let browsing: Browsing;
let page: Page;

beforeAll(async () => {
  browsing = await Browsing.start();
});
afterAll(() => browsing.stop());
beforeEach(async () => {
  page = await browsing.signedIn();
});
afterEach(async () => {
  expect(await browsing.closePages(), 'errors thrown in the page').toEqual([]);
});

const terminals = () => page.getByTestId('terminal');

describe('the page', () => {
  it('splits by keyboard, and dividers move', async () => {
    await newSession(page);
    await page.keyboard.press('Alt+Shift+R');
    await until(async () => (await terminals().count()) === 2, TIMEOUT_MS, 'two panes');
    await page.keyboard.press('Alt+Shift+D');
    await until(async () => (await terminals().count()) === 3, TIMEOUT_MS, 'three panes');
    await until(
      async () => ((await terminalText(page)).match(/\$ ?$/gm) ?? []).length === 3,
      TIMEOUT_MS,
      'prompts',
    );
    // The newest has the keyboard.
    await page.keyboard.type('echo in-$((2+1))rd\n');
    await showsText(page, /^in-3rd$/m);
    const divider = page.getByRole('separator').first();
    const before = await divider.getAttribute('aria-valuenow');
    await divider.focus();
    await page.keyboard.press('ArrowLeft');
    expect(await divider.getAttribute('aria-valuenow')).not.toBe(before);
    await screenshot(page, 'splits');
    await page.reload();
    await until(async () => (await terminals().count()) === 3, TIMEOUT_MS, 'three panes after a reload');
    await showsText(page, /^in-3rd$/m);
  });

  it('tells how a shell ended and starts another in its place', async () => {
    await newSession(page);
    await run(page, 'exit 3');
    await page.getByText('Ended with code 3.').waitFor();
    await screenshot(page, 'ended');
    await page.getByRole('button', { name: 'Start a new shell' }).click();
    await page.getByText('Ended with code 3.').waitFor({ state: 'detached' });
    await run(page, 'echo again-$((1+1))');
    await showsText(page, /^again-2$/m);
    expect(await terminalCount(page)).toBe(1);
  });

  it('renames and deletes a session', async () => {
    await newSession(page);
    const current = page.locator('.session-row[data-current=true]');
    await current.hover();
    await current.getByRole('button', { name: /^Rename/ }).click();
    await page.getByLabel('Name of the session').fill('renamed by hand');
    await page.keyboard.press('Enter');
    await current.getByText('renamed by hand').waitFor();
    await expect.poll(() => page.title()).toBe('renamed by hand · Alex Edge');
    page.on('dialog', (dialog) => void dialog.accept());
    await current.hover();
    await current.getByRole('button', { name: /^Delete/ }).click();
    await page.getByText('renamed by hand').first().waitFor({ state: 'detached' });
    expect(new URL(page.url()).pathname).not.toMatch(/^.s./);
  });

  it('finds text in the scrollback and shows help', async () => {
    await newSession(page);
    await run(page, 'echo needle-$((40+2)); seq 200');
    await showsText(page, /^200$/m);
    await page.keyboard.press('Control+Shift+F');
    await page.getByLabel('Find in the terminal').fill('needle-42');
    await page.keyboard.press('Enter');
    expect(await page.getByText('Not found').count()).toBe(0);
    await page.getByLabel('Find in the terminal').fill('no such text');
    await page.getByText('Not found').waitFor();
    await page.keyboard.press('Escape');
    await page.keyboard.press('F1');
    await page.getByRole('heading', { name: 'Keyboard shortcuts' }).waitFor();
    await screenshot(page, 'help');
  });

  it('pastes many lines as one paste, and keeps what is wide', async () => {
    await newSession(page);
    await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
    // The shell has given the terminal over once the program speaks; what comes before that is not echoed.
    await run(page, "sh -c 'echo go$((4+4)); cat > wide.txt'");
    await showsText(page, /^go8$/m);
    await page.evaluate(() => navigator.clipboard.writeText('日本語 🦀 é\nsecond line\n'));
    await page.keyboard.press('Control+Shift+V');
    await showsText(page, /second line/);
    await page.keyboard.press('Control+D');
    await run(page, 'clear; wc -c < wide.txt; cat wide.txt');
    await showsText(page, /^30\n日本語 🦀 é\nsecond line$/m);
  });

  it('works on a phone', async () => {
    const phone = await browsing.signedIn({
      ...{ viewport: { width: 390, height: 760 }, hasTouch: true, isMobile: true, deviceScaleFactor: 2 },
    });
    await phone.getByRole('button', { name: 'New session', exact: true }).first().tap();
    await showsText(phone, /\$ ?$/m);
    await phone.getByTestId('terminal').tap();
    await phone.keyboard.type('sleep 100\n');
    await showsText(phone, /sleep 100/);
    await phone.getByRole('button', { name: 'Ctrl' }).tap();
    await phone.keyboard.type('c');
    await showsText(phone, /\^C/);
    await phone.keyboard.type('echo half-don');
    await phone.getByRole('button', { name: 'Left' }).tap();
    await phone.keyboard.type('e');
    await showsText(phone, /half-doen/);
    await screenshot(phone, 'phone');
    await phone.getByRole('button', { name: 'Show sessions' }).tap();
    await phone.getByRole('button', { name: 'New session' }).waitFor();
    await screenshot(phone, 'phone-sessions');
    const wide = await phone.evaluate(() => document.documentElement.scrollWidth > innerWidth);
    expect(wide, 'the page scrolls sideways').toBe(false);
  });

  it('is dark when the system is, and stays as chosen', async () => {
    const dark = await browsing.signedIn({ colorScheme: 'dark' });
    await newSession(dark);
    expect(await dark.evaluate(() => document.documentElement.dataset['theme'])).toBe('dark');
    await run(dark, 'ls --color=always -la /');
    await showsText(dark, /workspace/);
    await screenshot(dark, 'dark');
    await dark.getByRole('button', { name: /^Theme: auto/ }).click();
    await dark.reload();
    expect(await dark.evaluate(() => document.documentElement.dataset['theme'])).toBe('light');
  });

  it('the API is described on a page of its own', async () => {
    await page.goto(`${new URL(page.url()).origin}/docs`);
    await page.getByText('/api/v1/sessions', { exact: true }).first().waitFor();
    await screenshot(page, 'docs');
  });

  it('a link that was used says so and offers a way on', async () => {
    const context = await page.context().browser()?.newContext();
    if (context === undefined) throw new Error('no browser');
    const stranger = await context.newPage();
    await stranger.goto(`${new URL(page.url()).origin}/sign-in?token=used`);
    await stranger.getByRole('alert').waitFor();
    expect(await stranger.getByRole('alert').innerText()).toMatch(/already used/);
    // Another site may mean to sign somebody in as somebody else.
    const led = `${new URL(page.url()).origin}/sign-in?token=of-a-stranger`;
    await stranger.goto(`data:text/html,<a href="${led}">a prize</a>`);
    await stranger.getByText('a prize').click();
    await stranger.getByRole('heading', { name: 'Sign in by this link?' }).waitFor();
    await screenshot(stranger, 'sign-in-asks');
    await stranger.getByRole('button', { name: 'It is mine; sign in' }).click();
    await stranger.getByRole('alert').waitFor();
    await screenshot(stranger, 'sign-in');
    await context.close();
  });

  it('an API key made in the settings works as far as its scopes, until it is revoked there', async () => {
    const from = page.url();
    await page.keyboard.press('Alt+Shift+S');
    await page.getByRole('link', { name: 'API keys' }).click();
    await page.getByRole('textbox', { name: 'Name' }).fill('deploy script');
    await page.getByRole('button', { name: 'Make the key' }).click();
    const token = await page.getByRole('textbox', { name: 'The key' }).inputValue();
    const key = { url: browsing.stack.url, token };
    expect((await api(key, 'GET', '/api/v1/sessions')).status).toBe(200);
    expect((await api(key, 'POST', '/api/v1/sessions', {})).status).toBe(403);
    await page.getByRole('button', { name: 'Revoke deploy script' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Revoke' }).click();
    await page.getByText('No keys yet').waitFor();
    await until(
      async () => ((await api(key, 'GET', '/api/v1/sessions')).status === 401 ? true : null),
      TIMEOUT_MS,
      'the end of the key',
    );
    await page.getByRole('link', { name: 'Audit log' }).click();
    await page.getByRole('cell', { name: /access\.denied denied/ }).waitFor();
    await page.getByText(/verified in this browser/).waitFor();
    await screenshot(page, 'settings-audit');
    await page.keyboard.press('Escape');
    expect(page.url()).toBe(from);
  });

  it('an invitation made in the settings brings somebody into a workspace', async () => {
    await page.getByRole('button', { name: /^Workspace / }).click();
    await page.getByRole('menuitem', { name: 'New workspace…' }).click();
    await page.getByLabel('Name of the new workspace').fill('Platform');
    await page.getByRole('button', { name: 'Create workspace' }).click();
    await page.getByRole('button', { name: /^Workspace Platform/ }).waitFor();
    await page.getByRole('link', { name: 'Invitations' }).click();
    await page.getByRole('button', { name: 'Make an invitation link' }).click();
    const link = await page.getByRole('textbox', { name: 'The link' }).inputValue();
    await screenshot(page, 'settings-invitation');

    const who = await personOn(browsing.stack, 'ida', 'Ida Rhodes');
    const ida = await browsing.signedIn({}, undefined, who);
    await ida.goto(link);
    await ida.getByRole('button', { name: 'Join the workspace' }).click();
    await ida.getByRole('button', { name: /^Workspace Platform/ }).waitFor();
    expect(ida.url()).not.toContain('alexinv');
    await page.getByRole('link', { name: 'Members' }).click();
    await page.getByRole('combobox', { name: 'Role of Ida Rhodes' }).selectOption('viewer');
    await page.getByText('Ida Rhodes is viewer now.').waitFor();
    await screenshot(page, 'settings-members');
  });
});
