import { type KeyboardEvent, type PointerEvent, useRef } from 'react';
import { MIN_RATIO, setRatio, type Tree } from '../layout/layout.ts';
import { Pane } from './Pane.tsx';
import type { SessionState, SessionStore } from './session-store.ts';

const KEY_STEP = 0.05;

interface Props {
  tree: Tree;
  /** Where the tree lies in its tab: 0 first, 1 second at each split from the top. */
  path: number[];
  store: SessionStore;
  state: SessionState;
}

/** The terminals of a tab, side by side with dividers that can be dragged or moved by arrow keys. */
export function SplitView({ tree, path, store, state }: Props) {
  const box = useRef<HTMLDivElement>(null);
  if ('channel' in tree)
    return <Pane key={tree.channel} channel={tree.channel} store={store} state={state} />;

  const { direction, ratio } = tree;
  const move = (to: number): void => store.terminals.arrange(setRatio(store.state().layout, path, to));
  const onDrag = (event: PointerEvent<HTMLDivElement>): void => {
    if (!event.currentTarget.hasPointerCapture(event.pointerId) || box.current === null) return;
    const { left, top, width, height } = box.current.getBoundingClientRect();
    move(direction === 'row' ? (event.clientX - left) / width : (event.clientY - top) / height);
  };
  const onKey = (event: KeyboardEvent): void => {
    const [back, forth] = direction === 'row' ? ['ArrowLeft', 'ArrowRight'] : ['ArrowUp', 'ArrowDown'];
    if (event.key === back) move(ratio - KEY_STEP);
    if (event.key === forth) move(ratio + KEY_STEP);
  };
  return (
    <div className="split" data-direction={direction} ref={box}>
      <div className="split-part" style={{ flexGrow: ratio }}>
        <SplitView tree={tree.first} path={[...path, 0]} store={store} state={state} />
      </div>
      <div
        className="divider"
        role="separator"
        tabIndex={0}
        aria-label="Divider between terminals"
        aria-orientation={direction === 'row' ? 'vertical' : 'horizontal'}
        aria-valuenow={Math.round(ratio * 100)}
        aria-valuemin={MIN_RATIO * 100}
        aria-valuemax={100 - MIN_RATIO * 100}
        onPointerDown={(event) => event.currentTarget.setPointerCapture(event.pointerId)}
        onPointerMove={onDrag}
        onKeyDown={onKey}
        onDoubleClick={() => move(0.5)}
      />
      <div className="split-part" style={{ flexGrow: 1 - ratio }}>
        <SplitView tree={tree.second} path={[...path, 1]} store={store} state={state} />
      </div>
    </div>
  );
}
