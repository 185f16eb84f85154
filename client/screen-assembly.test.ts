import { describe, expect, it } from 'vitest';
import { type Frame, FrameKind, SnapshotFlag } from '../protocol/stream/frame.ts';
import { ScreenAssembly } from './screen-assembly.ts';

const { First, Last } = SnapshotFlag;
const SIZE = [0, 100, 0, 30];

function chunk(flags: number, text: string, offset = 7): Frame {
  const payload = new Uint8Array([...((flags & First) === 0 ? [] : SIZE), ...new TextEncoder().encode(text)]);
  return { kind: FrameKind.Snapshot, flags, channel: 1, stream: 0, offset, payload };
}

const textOf = (screen: ReturnType<ScreenAssembly['accept']>): string | null =>
  screen === null ? null : new TextDecoder().decode(screen.bytes);

describe('a screen in chunks', () => {
  it('is put together, with its size and place', () => {
    const assembly = new ScreenAssembly();
    expect(assembly.accept(chunk(First, 'a'))).toBeNull();
    expect(assembly.accept(chunk(0, 'b'))).toBeNull();
    const screen = assembly.accept(chunk(Last, 'c'));
    expect(screen).toMatchObject({ offset: 7, cols: 100, rows: 30 });
    expect(textOf(screen)).toBe('abc');
    expect(textOf(assembly.accept(chunk(First | Last, 'one')))).toBe('one');
  });

  it('keeps its bytes although the frames they came in are used again', () => {
    const assembly = new ScreenAssembly();
    const first = chunk(First, 'abc');
    assembly.accept(first);
    first.payload.fill(0);
    expect(textOf(assembly.accept(chunk(Last, 'd')))).toBe('abcd');
  });

  it('is dropped when it has no beginning, is another one, or was given up', () => {
    const assembly = new ScreenAssembly();
    expect(assembly.accept(chunk(Last, 'end only'))).toBeNull();
    assembly.accept(chunk(First, 'a', 7));
    expect(assembly.accept(chunk(Last, 'b', 8))).toBeNull();
    assembly.accept(chunk(First, 'a', 7));
    assembly.clear();
    expect(assembly.accept(chunk(Last, 'b', 7))).toBeNull();
    assembly.accept(chunk(First, 'old', 7));
    expect(assembly.accept(chunk(First, 'new', 9))).toBeNull();
    expect(textOf(assembly.accept(chunk(Last, '!', 9)))).toBe('new!');
  });
});
