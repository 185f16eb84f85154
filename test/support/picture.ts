/**
 * Makes the README's picture: `node test/support/picture.ts` (after `npm run build`). Three terminals of one session, on a
 * stack of its own.
 */
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { Browsing, newSession, showsText, TIMEOUT_MS } from './browser.ts';
import { until } from './deadline.ts';

const PICTURE = join(import.meta.dirname, '..', '..', 'docs', 'terminal.png');

const PROGRAM = `export const answer = 42;`;
const SHELL = [
  'mkdir -p app/src && cd app && git init -q',
  `echo '${PROGRAM}' > src/main.ts && git add .`,
  'git -c color.status=always status --short --branch',
  'ls -la --color=always',
  'for c in 1 2 3 4 5 6; do printf "\\e[4${c}m    \\e[0m "; done; echo',
];

const browsing = await Browsing.start();
try {
  const page = await browsing.signedIn({ colorScheme: 'dark', viewport: { width: 1280, height: 760 } });
  await newSession(page);
  await splitOff(page, 'Alt+Shift+R');
  await page.keyboard.type('htop\n');
  await showsText(page, /F1Help/);
  await splitOff(page, 'Alt+Shift+D');
  await page.keyboard.type('python3 -q\n');
  await showsText(page, /^>>> ?$/m);
  await page.keyboard.type('import this, sys\n');
  await showsText(page, /Namespaces[^]*>>> ?$/m);
  await page.keyboard.type('sys.version_info[:2]\n');
  await showsText(page, /^\(3, \d+\)$/m);
  await page.getByTestId('terminal').first().click();
  for (const [index, line] of SHELL.entries()) {
    await page.keyboard.type(`${line}\n`);
    // As many prompts as lines, and the next one.
    await showsText(page, new RegExp(`^(?:~.* \\$ [^]*?){${index + 1}}^~.* \\$ ?$`, 'm'));
  }
  // Drawn.
  await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
  await page.screenshot({ path: PICTURE });
} finally {
  await browsing.stop();
}

/** Splits the terminal that has the keyboard and waits for the prompt of the new one, which has it then. */
async function splitOff(page: Page, keys: string): Promise<void> {
  const before = await page.getByTestId('terminal').count();
  await page.keyboard.press(keys);
  await until(
    async () => ((await page.getByTestId('terminal').count()) > before ? true : null),
    TIMEOUT_MS,
    'another terminal',
  );
  await until(
    async () => {
      const prompts = await page.evaluate(() => {
        const { alexEdge } = window as unknown as {
          alexEdge: { terminals: Map<number, { text(): string }> };
        };
        return [...alexEdge.terminals.values()].filter((terminal) => terminal.text() !== '').length;
      });
      return prompts > before ? true : null;
    },
    TIMEOUT_MS,
    'its prompt',
  );
}
