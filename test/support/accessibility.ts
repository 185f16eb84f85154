import axe from 'axe-core';
import type { Page } from 'playwright-core';
import { z } from 'zod';

/** Rules of WCAG 2.2 A and AA that a program can check. */
const RULES = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];

const Violations = z.array(
  z.object({ id: z.string(), help: z.string(), nodes: z.array(z.object({ html: z.string() })) }),
);

/** What is wrong on the page as it is now, one sentence each. */
export async function violations(page: Page): Promise<string[]> {
  if (!(await page.evaluate(() => 'axe' in window))) await page.evaluate(axe.source);
  const found: unknown = await page.evaluate(async (rules) => {
    const { axe: inPage } = window as unknown as { axe: typeof axe };
    const { violations: all } = await inPage.run(document, { runOnly: rules });
    return all;
  }, RULES);
  return Violations.parse(found).map(
    ({ id, help, nodes }) => `${id}: ${help}\n${nodes.map(({ html }) => `  ${html}`).join('\n')}`,
  );
}

/** Sizes a page is looked at in: a desk's and a phone's. */
const SIZES = [
  { width: 1280, height: 800 },
  { width: 390, height: 844 },
];

/** What is wrong on the page as it is now, on a desk and on a phone; it keeps the phone's size. */
export async function violationsAtEachSize(page: Page): Promise<string[]> {
  const found: string[] = [];
  for (const size of SIZES) {
    await page.setViewportSize(size);
    found.push(...(await violations(page)).map((each) => `${size.width} px wide: ${each}`));
  }
  return found;
}

/** What has the focus, in words: its role or element and its name; `body` when nothing has. */
export function focusedName(page: Page): Promise<string> {
  return page.evaluate(() => {
    const { activeElement: element } = document;
    if (element === null || element === document.body) return 'body';
    const labelled = element instanceof HTMLInputElement ? element.labels?.[0]?.textContent : null;
    const name = element.getAttribute('aria-label') ?? labelled ?? element.textContent;
    return `${element.getAttribute('role') ?? element.tagName.toLowerCase()} ${name.trim()}`;
  });
}

/**
 * Walks the page with Tab from its beginning to its end. Out: every element that the keyboard should reach
 * and does not reach, or reaches elsewhere than at its place; none is good.
 */
export async function unreached(page: Page): Promise<string[]> {
  const wanted = await page.evaluate(() => {
    const all = [
      ...document.querySelectorAll<HTMLElement>('a[href], button, input, select, textarea, summary'),
    ];
    const seen = all.filter(
      (each) =>
        each.tabIndex >= 0 &&
        !each.matches(':disabled') &&
        each.checkVisibility({ visibilityProperty: true }),
    );
    const places: number[] = [];
    Object.assign(window, { walked: places });
    document.addEventListener('focusin', ({ target }) => {
      const at = seen.indexOf(target as HTMLElement);
      // A field for a date has a stop for each of its parts.
      if (at >= 0 && places.at(-1) !== at) places.push(at);
    });
    seen[0]?.focus();
    return seen.map((each) => (each.getAttribute('aria-label') ?? each.textContent).trim() || each.outerHTML);
  });
  const places = (): Promise<number[]> =>
    page.evaluate(() => (window as unknown as { walked: number[] }).walked);
  let walked = await places();
  for (let round = 0; round < 6 && walked.length < wanted.length; round += 1) {
    for (let left = wanted.length - walked.length; left > 0; left -= 1) await page.keyboard.press('Tab');
    walked = await places();
  }
  return wanted.filter((_name, at) => walked[at] !== at);
}
