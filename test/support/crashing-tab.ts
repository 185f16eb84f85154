import type { CDPSession, Page } from 'playwright-core';
import { z } from 'zod';
import { showsIn, TIMEOUT_MS } from './browser.ts';
import { within } from './deadline.ts';

const Target = z.object({ targetInfo: z.object({ targetId: z.string() }) });
const Attached = z.object({ sessionId: z.string() });
const Message = z.object({
  id: z.int().optional(),
  method: z.string().optional(),
  result: z.unknown().optional(),
  error: z.object({ message: z.string() }).optional(),
});
const Evaluated = z.object({ result: z.object({ value: z.unknown() }) });

/**
 * A tab by Chromium's own protocol, through the browser instead of the page: Playwright gives a page up that has crashed,
 * a person presses "Reload".
 */
export class CrashingTab {
  readonly #browser: CDPSession;
  readonly #targetId: string;
  readonly #answers = new Map<number, (message: z.infer<typeof Message>) => void>();
  readonly #events = new Map<string, () => void>();
  #sessionId = '';
  #lastId = 0;

  private constructor(browser: CDPSession, targetId: string) {
    this.#browser = browser;
    this.#targetId = targetId;
    browser.on('Target.receivedMessageFromTarget', ({ message: text }) => {
      const message = Message.parse(JSON.parse(text));
      if (message.id !== undefined) this.#answers.get(message.id)?.(message);
      if (message.method !== undefined) this.#events.get(message.method)?.();
    });
  }

  static async of(page: Page): Promise<CrashingTab> {
    const browser = page.context().browser();
    if (browser === null) throw new Error('The page has no browser.');
    const own = await page.context().newCDPSession(page);
    const { targetInfo } = Target.parse(await own.send('Target.getTargetInfo'));
    const tab = new CrashingTab(await browser.newBrowserCDPSession(), targetInfo.targetId);
    await tab.#attach();
    return tab;
  }

  /** Takes the network away from the tab, or gives it back. */
  async setOffline(offline: boolean): Promise<void> {
    const unlimited = { latency: 0, downloadThroughput: -1, uploadThroughput: -1 };
    await this.#send('Network.emulateNetworkConditions', { offline, ...unlimited });
  }

  /** Kills the tab's process: no event tells the page. */
  async crash(): Promise<void> {
    const crashed = new Promise<void>((resolve) => this.#events.set('Inspector.targetCrashed', resolve));
    // Nobody is left to answer it.
    void this.#post('Page.crash');
    await within(crashed, TIMEOUT_MS, 'the crash');
  }

  /** What a person does with a tab that crashed. It has its network again. */
  async reload(): Promise<void> {
    // What was set for the tab ends with the session.
    await this.#browser.send('Target.detachFromTarget', { sessionId: this.#sessionId });
    await this.#attach();
    await this.#send('Page.reload');
  }

  /** Waits until the terminals show it. Out: all they show. */
  showsText(wanted: RegExp): Promise<string> {
    const expression = `[...(window.alexEdge?.terminals.values() ?? [])].map((each) => each.text()).join('\\n')`;
    return showsIn(async () => {
      const answer = await this.#send('Runtime.evaluate', { expression, returnByValue: true });
      return z.string().catch('').parse(Evaluated.parse(answer).result.value);
    }, wanted);
  }

  async #attach(): Promise<void> {
    const options = { targetId: this.#targetId, flatten: false };
    this.#sessionId = Attached.parse(await this.#browser.send('Target.attachToTarget', options)).sessionId;
    // Answered by the tab's process, if there is one.
    for (const domain of ['Inspector', 'Network']) void this.#post(`${domain}.enable`);
  }

  async #send(method: string, params: object = {}): Promise<unknown> {
    const id = this.#lastId + 1;
    const answered = new Promise<z.infer<typeof Message>>((resolve) => this.#answers.set(id, resolve));
    await this.#post(method, params);
    const { result, error } = await within(answered, TIMEOUT_MS, method);
    this.#answers.delete(id);
    if (error !== undefined) throw new Error(`${method}: ${error.message}`);
    return result;
  }

  #post(method: string, params: object = {}): Promise<unknown> {
    this.#lastId += 1;
    const message = JSON.stringify({ id: this.#lastId, method, params });
    return this.#browser.send('Target.sendMessageToTarget', { sessionId: this.#sessionId, message });
  }
}
