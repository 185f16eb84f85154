import type { ReactNode } from 'react';
import { ApiError } from '../../client/api-transport.ts';
import { explain } from '../app/api.ts';
import { signedOut } from '../app/signed-in.ts';
import { Icon, type IconName } from './Icon.tsx';
import type { Loaded } from './use-loaded.ts';

/** What went wrong and what to do; nothing when nothing did. `onRetry`: it makes sense to try again as it is. */
export function Problem({ error, onRetry }: { error: unknown; onRetry?: () => void }) {
  if (error === null || error === undefined) return null;
  const again = error instanceof ApiError && error.code === 'reauthentication-required';
  return (
    <div className="problem" role="alert">
      <Icon name="warning" />
      <span>
        {explain(error)}
        {error instanceof ApiError && error.code === 'internal' && error.requestId !== null && (
          <> Request {error.requestId}.</>
        )}
      </span>
      {again && (
        <button type="button" className="button small" onClick={signedOut}>
          Sign in again
        </button>
      )}
      {onRetry !== undefined && !again && (
        <button type="button" className="button small" onClick={onRetry}>
          Try again
        </button>
      )}
    </div>
  );
}

/** Where something is still being read. */
export function Loading() {
  return (
    <p className="loading" role="status">
      <span className="spinner" aria-hidden="true" /> Loading…
    </p>
  );
}

/** Where there is nothing, with what to do about it. */
export function Empty({ icon, title, children }: { icon: IconName; title: string; children?: ReactNode }) {
  return (
    <div className="nothing">
      <Icon name={icon} />
      <strong>{title}</strong>
      {children !== undefined && <p>{children}</p>}
    </div>
  );
}

/** Draws what was read, or where that stands. */
export function WhenLoaded<T>(props: {
  of: Loaded<T>;
  onRetry: () => void;
  children: (value: T) => ReactNode;
}) {
  const { of, onRetry } = props;
  if (of.state === 'loading') return <Loading />;
  if (of.state === 'failed') return <Problem error={of.error} onRetry={onRetry} />;
  return props.children(of.value);
}
