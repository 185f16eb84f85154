import { useEffect, useSyncExternalStore } from 'react';
import { WorkspacesApi } from '../../client/api-workspaces.ts';
import type { Workspace } from '../../protocol/messages/workspace.ts';
import { api } from '../app/api.ts';
import { isKnown } from '../app/signed-in.ts';
import { chooseWorkspace, currentWorkspaceId, onWorkspace } from '../app/current-workspace.ts';

/** The workspaces one is in, and the current one of them. */
export interface Workspaces {
  /** One's own first; null while not read yet. */
  list: readonly Workspace[] | null;
  /** Null: not known yet. */
  current: Workspace | null;
  /** Why the list could not be read; null: it could, or nobody has tried. */
  error: unknown;
}

export const workspacesApi = new WorkspacesApi(api.transport);
const listeners = new Set<() => void>();
let state: Workspaces = { list: null, current: null, error: null };
onWorkspace(() => change(state.list, null));

/** Reads the list again. Whoever is no longer in the current workspace is back in their own. */
export async function refreshWorkspaces(): Promise<void> {
  let list: readonly Workspace[];
  try {
    list = await workspacesApi.list();
  } catch (error) {
    return change(state.list, error);
  }
  isKnown();
  change(list, null);
  const id = currentWorkspaceId();
  if (id !== null && !list.some((each) => each.id === id)) chooseWorkspace(null);
}

/** The workspaces now; read when nobody has yet. */
export function useWorkspaces(): Workspaces {
  const now = useSyncExternalStore(subscribe, () => state);
  useEffect(() => {
    if (now.list === null && now.error === null) void refreshWorkspaces();
  }, [now.list, now.error]);
  return now;
}

function change(list: Workspaces['list'], error: unknown): void {
  const id = currentWorkspaceId();
  const current = id === null ? list?.[0] : list?.find((each) => each.id === id);
  state = { list, current: current ?? null, error };
  for (const listener of listeners) listener();
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}
