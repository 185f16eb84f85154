import type { ComponentProps } from 'react';
import { Icon, type IconName } from './Icon.tsx';

/** A button that shows only an icon; `label` is what it is called, `hint` adds its key. */
export function IconButton({
  icon,
  label,
  hint,
  className = '',
  ...rest
}: { icon: IconName; label: string; hint?: string } & ComponentProps<'button'>) {
  const title = hint === undefined ? label : `${label} (${hint})`;
  return (
    <button type="button" {...rest} className={`icon-button ${className}`} aria-label={label} title={title}>
      <Icon name={icon} />
    </button>
  );
}
