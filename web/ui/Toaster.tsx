import { Icon } from './Icon.tsx';
import { useToast } from './toast.ts';

/** Where toasts appear, and are heard. */
export function Toaster() {
  const said = useToast();
  return (
    <div className="toaster" role="status" aria-live="polite">
      {said !== null && (
        <p key={said.id} className="toast">
          <Icon name="check" /> {said.text}
        </p>
      )}
    </div>
  );
}
