import { expect, it, vi } from 'vitest';
import { Emitter } from './emitter.ts';

interface Events {
  one: [number];
  two: [string, boolean];
}

it('tells those who listen, in order, until they stop', () => {
  const emitter = new Emitter<Events>();
  const seen: unknown[] = [];
  const stop = emitter.on('one', (n) => seen.push(n));
  emitter.on('two', (...told) => seen.push(told));
  emitter.emit('one', 1);
  emitter.emit('two', 'a', true);
  stop();
  stop();
  emitter.emit('one', 2);
  expect(seen).toEqual([1, ['a', true]]);
  expect([emitter.has('one'), emitter.has('two')]).toEqual([false, true]);
});

it('lets one listener listen twice, stop by a signal, and come and go while it is told', () => {
  const emitter = new Emitter<Events>();
  const seen: number[] = [];
  const listener = (n: number): void => void seen.push(n);
  const control = new AbortController();
  const stop = emitter.on('one', listener);
  emitter.on('one', listener, { signal: control.signal });
  emitter.on('one', () => {
    stop();
    emitter.on('one', (n) => seen.push(n * 100));
  });
  emitter.emit('one', 1);
  expect(seen).toEqual([1, 1]);
  control.abort();
  emitter.on('one', listener, { signal: control.signal });
  emitter.emit('one', 2);
  expect(seen).toEqual([1, 1, 200]);
});

it('a listener that throws keeps none from being told, and is not hushed up', () => {
  const queued = vi.spyOn(globalThis, 'queueMicrotask').mockImplementation(() => undefined);
  const emitter = new Emitter<Events>();
  const seen: number[] = [];
  emitter.on('one', () => {
    throw new Error('mine');
  });
  emitter.on('one', (n) => seen.push(n));
  emitter.emit('one', 1);
  expect(seen).toEqual([1]);
  const [report] = queued.mock.calls[0] ?? [];
  queued.mockRestore();
  expect(report).toThrow('mine');
});
