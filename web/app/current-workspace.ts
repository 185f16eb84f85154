import { useSyncExternalStore } from 'react';
import { api } from './api.ts';

const KEY = 'alex.workspace';
const listeners = new Set<() => void>();
let id = localStorage.getItem(KEY);
api.transport.workspaceId = id;

/** The workspace of new sessions, of the list of them, and of the settings. Null: one's own. */
export function currentWorkspaceId(): string | null {
  return id;
}

/** Makes another workspace the current one, in this browser. */
export function chooseWorkspace(next: string | null): void {
  if (next === null) localStorage.removeItem(KEY);
  else localStorage.setItem(KEY, next);
  id = next;
  api.transport.workspaceId = next;
  for (const listener of listeners) listener();
}

export function useCurrentWorkspaceId(): string | null {
  return useSyncExternalStore(onWorkspace, currentWorkspaceId);
}

/** Calls back whenever another workspace is the current one. Out: how to stop. */
export function onWorkspace(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}
