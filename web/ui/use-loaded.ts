import { useCallback, useEffect, useState } from 'react';

/** What a page is made of once it was read. `error`: whatever was thrown. */
export type Loaded<T> =
  { state: 'loading' } | { state: 'failed'; error: unknown } | { state: 'ready'; value: T };

/**
 * Reads something when the page is shown and whenever `load` is another function, so memoise it. `reload` reads again
 * and keeps what is shown until then; `put` shows a newer value that came otherwise, `change` what is known to have become of
 * the one that is shown.
 */
export function useLoaded<T>(load: () => Promise<T>): {
  loaded: Loaded<T>;
  reload: () => void;
  put: (value: T) => void;
  change: (how: (value: T) => T) => void;
} {
  const [result, setResult] = useState<{ of: () => Promise<T>; loaded: Loaded<T> } | null>(null);
  const [round, setRound] = useState(0);

  useEffect(() => {
    let wanted = true;
    const set = (loaded: Loaded<T>): void => {
      if (wanted) setResult({ of: load, loaded });
    };
    load().then(
      (value) => set({ state: 'ready', value }),
      (error: unknown) => set({ state: 'failed', error }),
    );
    return () => {
      wanted = false;
    };
  }, [load, round]);

  const reload = useCallback(() => setRound((before) => before + 1), []);
  const put = useCallback((value: T) => setResult({ of: load, loaded: { state: 'ready', value } }), [load]);
  const change = useCallback(
    (how: (value: T) => T) =>
      setResult((shown) =>
        shown?.of === load && shown.loaded.state === 'ready'
          ? { of: load, loaded: { state: 'ready', value: how(shown.loaded.value) } }
          : shown,
      ),
    [load],
  );
  return { loaded: result?.of === load ? result.loaded : { state: 'loading' }, reload, put, change };
}

/** An action a person starts: one at a time, with what went wrong the last time. */
export function useAction(): {
  busy: boolean;
  error: unknown;
  /** Out: whether it was done. */
  run: (action: () => Promise<void>) => Promise<boolean>;
} {
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const run = useCallback(async (action: () => Promise<void>): Promise<boolean> => {
    setBusy(true);
    setError(null);
    try {
      await action();
      return true;
    } catch (failure) {
      setError(failure);
      return false;
    } finally {
      setBusy(false);
    }
  }, []);
  return { busy, error, run };
}
