import { useId } from 'react';
import type { Level } from '../../client/amounts.ts';
import { Icon } from './Icon.tsx';

const WORDS: Readonly<Record<Exclude<Level, 'fine'>, string>> = { near: 'nearly full', full: 'full' };

/**
 * How much of a limit is used: a bar, and the same in words. `limit` null: there is none, so there is no bar. `say`
 * words an amount; `level` is told by a word and a sign as well as by colour.
 */
export function Meter(props: {
  label: string;
  used: number;
  limit: number | null;
  level: Level;
  say: (amount: number) => string;
}) {
  const { label, used, limit, level, say } = props;
  const id = useId();
  const words = limit === null ? `${say(used)}, no limit` : `${say(used)} of ${say(limit)}`;
  return (
    <div className="meter" data-level={level}>
      <div className="meter-head">
        <span id={id}>{label}</span>
        {level !== 'fine' && (
          <span className={`badge ${level === 'full' ? 'bad' : 'busy'}`}>
            <Icon name="warning" /> {WORDS[level]}
          </span>
        )}
        <span className="meter-words">{words}</span>
      </div>
      {limit !== null && (
        <div
          className="meter-bar"
          role="meter"
          aria-labelledby={id}
          aria-valuemin={0}
          aria-valuemax={limit}
          aria-valuenow={Math.min(used, limit)}
          aria-valuetext={level === 'fine' ? words : `${words}, ${WORDS[level]}`}
        >
          <span style={{ width: `${partOf(used, limit)}%` }} />
        </div>
      )}
    </div>
  );
}

/** In percent. Whatever is used is seen: a bar that looks empty says that nothing is. */
function partOf(used: number, limit: number): number {
  return used <= 0 ? 0 : Math.min(100, Math.max(0.5, (used / limit) * 100));
}
