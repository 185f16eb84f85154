import { expect, test } from 'vitest';
import { InputSender, type SavedInput } from '../protocol/stream/input-sender.ts';
import { InputKeeper, type InputStore, KEPT_AT_ONCE_BYTES, MAX_KEPT_BYTES } from './input-keeper.ts';

const CHANNEL = 1;

/** A store that shows what is in it, and how often it was written. */
function memory(): InputStore & { saved: SavedInput | null; writes: number } {
  const store = {
    saved: null as SavedInput | null,
    writes: 0,
    load: () => store.saved,
    save: (_channel: number, saved: SavedInput | null) => {
      store.saved = saved;
      store.writes += 1;
    },
  };
  return store;
}

function keeper(store: ReturnType<typeof memory>): { input: InputSender; keeper: InputKeeper } {
  const input = new InputSender();
  return { input, keeper: new InputKeeper(store, CHANNEL, input, store.saved) };
}

const pendingOf = (store: ReturnType<typeof memory>): string => atob(store.saved?.pending ?? '');

test('keys are kept as they are typed, without a goodbye', () => {
  const store = memory();
  const first = keeper(store);
  first.input.push(Uint8Array.of(97));
  first.keeper.typed();
  expect(pendingOf(store)).toBe('a');
  const second = keeper(store);
  expect(second.input.pendingBytes).toBe(1);
  second.input.resume(0);
  expect(second.input.next()?.payload).toEqual(Uint8Array.of(97));
});

test('where the stream stands is kept when nothing is pending, so that two reloads in a row lose nothing', () => {
  const store = memory();
  const first = keeper(store);
  first.input.resume(0);
  first.input.push(Uint8Array.of(97, 98));
  first.keeper.typed();
  first.input.next();
  first.input.ack(2);
  first.keeper.flush();
  expect(store.saved).toEqual({ offset: 2, pending: '' });
  const second = keeper(store);
  second.input.push(Uint8Array.of(99));
  second.keeper.typed();
  const third = keeper(store);
  third.input.resume(2);
  expect(third.input.next()).toEqual({ offset: 2, payload: Uint8Array.of(99) });
});

test('a paste is written once it is over, and only as much as is kept', () => {
  const store = memory();
  const { input, keeper: kept } = keeper(store);
  for (let bytes = 0; bytes <= MAX_KEPT_BYTES; bytes += KEPT_AT_ONCE_BYTES) {
    input.push(new Uint8Array(KEPT_AT_ONCE_BYTES));
    kept.typed();
  }
  expect(store.writes).toBe(1);
  kept.flush();
  expect(store.writes).toBe(2);
  expect(pendingOf(store).length).toBe(MAX_KEPT_BYTES);
});

test('nothing is written for a terminal that nobody types into, and what is kept of an ended one is forgotten', () => {
  const store = memory();
  const { input, keeper: kept } = keeper(store);
  input.resume(0);
  kept.applied();
  kept.flush();
  expect(store.writes).toBe(0);
  input.push(Uint8Array.of(97));
  kept.typed();
  kept.forget();
  expect(store.saved).toBeNull();
});
