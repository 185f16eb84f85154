/** As much of `document` as says whether anybody can see the page. */
export interface VisiblePage extends EventTarget {
  readonly visibilityState: DocumentVisibilityState;
}

/**
 * Does `work` now, whenever the page can be seen again, and every `everyMs` as long as it can be seen. While it cannot,
 * nothing is done and no timer runs. Out: how to stop.
 */
export function whileVisible(work: () => void, everyMs: number, page: VisiblePage = document): () => void {
  let timer: ReturnType<typeof setInterval> | undefined;
  const changed = (): void => {
    clearInterval(timer);
    if (page.visibilityState !== 'visible') return;
    work();
    timer = setInterval(work, everyMs);
  };
  page.addEventListener('visibilitychange', changed);
  changed();
  return () => {
    clearInterval(timer);
    page.removeEventListener('visibilitychange', changed);
  };
}
