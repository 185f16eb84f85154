import type { ComponentProps } from 'react';
import { navigate } from './router.ts';

/** A link to a place of ours: goes there without loading the page again, and opens elsewhere as links do. */
export function Link({ href, onClick, ...rest }: ComponentProps<'a'> & { href: string }) {
  return (
    <a
      {...rest}
      href={href}
      onClick={(event) => {
        onClick?.(event);
        const plain =
          event.button === 0 && !(event.metaKey || event.ctrlKey || event.shiftKey || event.altKey);
        if (!plain || event.defaultPrevented) return;
        event.preventDefault();
        navigate(href);
      }}
    />
  );
}
