import { dateTime, nowMs, relative } from './times.ts';

/** A moment, by how far away it is when it is drawn; exactly, in its title. Null: `never`, or other words. */
export function When({ at, never = 'never' }: { at: string | null; never?: string }) {
  if (at === null) return <span className="hint">{never}</span>;
  return (
    <time dateTime={at} title={dateTime(at)}>
      {relative(at, nowMs())}
    </time>
  );
}
