import axe from 'axe-core';
import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { Browsing, newSession } from './support/browser.ts';

/** Every page against the rules of WCAG 2.2 A and AA that a program can check (axe-core). */
let browsing: Browsing;

beforeAll(async () => {
  browsing = await Browsing.start();
});
afterAll(() => browsing.stop());
afterEach(async () => {
  expect(await browsing.closePages(), 'errors thrown in the page').toEqual([]);
});

const RULES = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];

const Violations = z.array(
  z.object({ id: z.string(), help: z.string(), nodes: z.array(z.object({ html: z.string() })) }),
);

/** What is wrong on the page as it is now, one sentence each. */
async function violations(page: Page): Promise<string[]> {
  await page.evaluate(axe.source);
  const found: unknown = await page.evaluate(async (rules) => {
    const { axe: inPage } = window as unknown as { axe: typeof axe };
    const { violations: all } = await inPage.run(document, { runOnly: rules });
    return all;
  }, RULES);
  return Violations.parse(found).map(
    ({ id, help, nodes }) => `${id}: ${help}\n${nodes.map(({ html }) => `  ${html}`).join('\n')}`,
  );
}

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

  it('the sessions on a phone', async () => {
    const phone = await browsing.signedIn({
      ...{ colorScheme, viewport: { width: 390, height: 760 }, hasTouch: true, isMobile: true },
    });
    await phone.getByRole('button', { name: 'New session', exact: true }).first().tap();
    await phone.getByTestId('terminal').waitFor();
    expect(await violations(phone)).toEqual([]);
    await phone.getByRole('button', { name: 'Show sessions' }).tap();
    await phone.getByRole('navigation', { name: 'Sessions' }).waitFor();
    expect(await violations(phone)).toEqual([]);
  });

  it('signing in with a link that was used', async () => {
    const page = await browsing.signedIn({ colorScheme });
    await page.goto(`${new URL(page.url()).origin}/sign-in?token=used`);
    await page.getByRole('alert').waitFor();
    expect(await violations(page)).toEqual([]);
  });
});
