/** What happens to the page around a session. */
export interface PageEvents {
  online(): void;
  /** Browsers keep a dead socket for minutes; the event is the better judge. */
  offline(): void;
  /** The page goes away, perhaps for good. */
  leaving(): void;
  /** The page can be seen, or no longer. */
  visible(visible: boolean): void;
  /** It has been looked at for a while. */
  lookedAt(): void;
}

/** While somebody looks, what the page shows is proved to be the newest this often. */
const CHECK_EVERY_MS = 5 * 60_000;

/** Listens from now on. Out: how to stop. */
export function listenToPage(events: PageEvents): () => void {
  const stop = new AbortController();
  const { signal } = stop;
  window.addEventListener('online', () => events.online(), { signal });
  window.addEventListener('offline', () => events.offline(), { signal });
  window.addEventListener('pagehide', () => events.leaving(), { signal });
  document.addEventListener(
    'visibilitychange',
    () => events.visible(document.visibilityState === 'visible'),
    { signal },
  );
  const timer = setInterval(() => {
    if (document.visibilityState === 'visible') events.lookedAt();
  }, CHECK_EVERY_MS);
  return () => {
    clearInterval(timer);
    stop.abort();
  };
}
