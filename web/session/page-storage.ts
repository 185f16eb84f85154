import type { SavedInput } from '../../client/index.ts';
import { type Layout, parseLayout } from '../layout/layout.ts';

/**
 * What the page keeps: the client id and keystrokes not yet applied in this tab's storage (a reload loses and doubles
 * nothing), the arrangement of terminals in the browser's. Storage that is full or forbidden is no reason to fail.
 */
const clientKey = (sessionId: string): string => `alex.client.${sessionId}`;
const inputKey = (sessionId: string, channel: number): string => `alex.input.${sessionId}.${channel}`;
const layoutKey = (sessionId: string): string => `alex.layout.${sessionId}`;

/** Names this tab's input streams; the same after a reload. */
export function clientIdOf(sessionId: string): string {
  const known = read(sessionStorage, clientKey(sessionId));
  if (typeof known === 'string') return known;
  const id = crypto.randomUUID();
  write(sessionStorage, clientKey(sessionId), id);
  return id;
}

export function forgetClientId(sessionId: string): void {
  sessionStorage.removeItem(clientKey(sessionId));
}

/** Keeps keystrokes for the next life of the page; null: there are none. */
export function saveInput(sessionId: string, channel: number, saved: SavedInput | null): void {
  if (saved === null) sessionStorage.removeItem(inputKey(sessionId, channel));
  else write(sessionStorage, inputKey(sessionId, channel), saved);
}

/** Takes what was kept; it is gone from the storage then. */
export function loadInput(sessionId: string, channel: number): unknown {
  const key = inputKey(sessionId, channel);
  const saved = read(sessionStorage, key);
  sessionStorage.removeItem(key);
  return saved;
}

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
