import { useSyncExternalStore } from 'react';

/** How long a toast stays. */
const TOAST_MS = 6_000;

let said: { id: number; text: string } | null = null;
let timer: ReturnType<typeof setTimeout> | undefined;
const listeners = new Set<() => void>();

/** Says shortly that something was done. What needs an answer does not belong here. */
export function toast(text: string): void {
  set({ id: (said?.id ?? 0) + 1, text });
  clearTimeout(timer);
  timer = setTimeout(() => set(null), TOAST_MS);
}

export function useToast(): { id: number; text: string } | null {
  return useSyncExternalStore(subscribe, () => said);
}

function set(next: typeof said): void {
  said = next;
  for (const listener of listeners) listener();
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}
