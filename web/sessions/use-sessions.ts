import { useCallback, useEffect, useMemo, useState } from 'react';
import type { SessionSummary } from '../../client/index.ts';
import { api, explain, isSignedOut } from '../app/api.ts';
import { navigate } from '../app/router.ts';
import { isKnown } from '../app/signed-in.ts';
import { sessionName } from './session-name.ts';
import { whileVisible } from './while-visible.ts';

/** How often the list is read again while the page is visible. */
const REFRESH_MS = 15_000;

/** The user's sessions and what can be done with them. */
export interface Sessions {
  /** Newest first; null while not read yet. */
  list: SessionSummary[] | null;
  /** When the list was read, in ms since 1970. */
  readAtMs: number;
  error: string | null;
  busy: boolean;
  refresh(): Promise<void>;
  /** Makes a session and goes to it. */
  create(): Promise<void>;
  /** Takes what the open session's own connection says; fresher than the list. */
  know(session: Pick<SessionSummary, 'id' | 'name' | 'status'>): void;
  rename(id: string, name: string): Promise<void>;
  remove(id: string): Promise<void>;
}

/** Keeps the list of sessions fresh. */
export function useSessions(): Sessions {
  const [list, setList] = useState<SessionSummary[] | null>(null);
  const [readAtMs, setReadAtMs] = useState(0);
  const [error, setError] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);

  const failed = useCallback((failure: unknown): void => {
    // The page then shows how to sign in, in place of the list.
    if (!isSignedOut(failure)) setError(explain(failure));
  }, []);

  const refresh = useCallback(async (): Promise<void> => {
    try {
      const { sessions } = await api.listSessions({ limit: 200 });
      isKnown();
      setList(sessions);
      setReadAtMs(Date.now());
      setError(null);
    } catch (failure) {
      failed(failure);
    }
  }, [failed]);

  const act = useCallback(
    async (action: () => Promise<void>): Promise<void> => {
      setBusy(true);
      try {
        await action();
        await refresh();
      } catch (failure) {
        failed(failure);
      } finally {
        setBusy(false);
      }
    },
    [failed, refresh],
  );

  useEffect(() => whileVisible(() => void refresh(), REFRESH_MS), [refresh]);

  const know = useCallback(({ id, name, status }: Pick<SessionSummary, 'id' | 'name' | 'status'>): void => {
    setList((known) => {
      const one = known?.find((each) => each.id === id);
      if (one === undefined || (one.name === name && one.status === status)) return known;
      return known?.map((each) => (each === one ? { ...one, name, status } : each)) ?? null;
    });
  }, []);
  const create = useCallback(
    () =>
      act(async () => {
        const { id } = await api.createSession({ name: sessionName(Math.random) }, crypto.randomUUID());
        navigate(`/s/${id}`);
      }),
    [act],
  );
  const rename = useCallback(
    (id: string, name: string) => act(() => api.renameSession(id, name).then(() => undefined)),
    [act],
  );
  const remove = useCallback((id: string) => act(() => api.deleteSession(id)), [act]);

  return useMemo(
    () => ({ list, readAtMs, error, busy, refresh, know, create, rename, remove }),
    [list, readAtMs, error, busy, refresh, know, create, rename, remove],
  );
}
