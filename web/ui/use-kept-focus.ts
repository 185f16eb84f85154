import { type FocusEvent, type RefObject, useEffect, useRef } from 'react';

/**
 * Keeps the keyboard where it was when what had the focus goes away, such as the button of a row that is no more: the
 * focus goes to `place` then, and not to the top of the page. Spread what it gives on the element around both.
 */
export function useKeptFocus(place: RefObject<HTMLElement | null>): { onFocus: (event: FocusEvent) => void } {
  const last = useRef<Element | null>(null);
  useEffect(() => {
    const had = last.current;
    if (had === null || had.isConnected || document.activeElement !== document.body) return;
    last.current = null;
    place.current?.focus();
  });
  return {
    onFocus: ({ target }) => {
      last.current = target;
    },
  };
}
