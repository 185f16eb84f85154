import { type ClientStorage, webStorage } from '../../client/storage.ts';
import { type Layout, parseLayout } from '../layout/layout.ts';

/**
 * What the page keeps: the client id and keystrokes not yet applied in this tab's storage (a reload loses and doubles
 * nothing), the arrangement of terminals in the browser's. Storage that is full or forbidden is no reason to fail.
 */
const layoutKey = (sessionId: string): string => `alex.layout.${sessionId}`;

/** This tab's storage: it names the tab's client and keeps its keystrokes across a reload, or a crash. */
export const tabStorage: ClientStorage = webStorage(sessionStorage);

export function saveLayout(sessionId: string, layout: Layout): void {
  write(localStorage, layoutKey(sessionId), layout);
}

export function loadLayout(sessionId: string): Layout | null {
  return parseLayout(read(localStorage, layoutKey(sessionId)));
}

function read(storage: Storage, key: string): unknown {
  try {
    return JSON.parse(storage.getItem(key) ?? 'null');
  } catch {
    return null;
  }
}

function write(storage: Storage, key: string, value: unknown): void {
  try {
    storage.setItem(key, JSON.stringify(value));
  } catch {
    // Full, or not allowed here.
  }
}
