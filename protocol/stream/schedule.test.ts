import fc from 'fast-check';
import { expect, test } from 'vitest';
import { AckPolicy } from './ack-policy.ts';
import { Backoff } from './backoff.ts';
import { OutputCredit } from './credit.ts';
import { InputReceiver } from './input-receiver.ts';
import { InputSender } from './input-sender.ts';
import { OutputReceiver } from './output-receiver.ts';
import { ByteRing } from './ring.ts';

/** A link that loses, doubles and reorders what is on it, as a schedule says, and is lost now and then itself. */
class Link<Item> {
  #onTheWay: Item[] = [];

  put(item: Item): void {
    this.#onTheWay.push(item);
  }

  /** Takes what arrives at this step of the schedule. */
  step(how: 'deliver' | 'drop' | 'duplicate' | 'reorder'): Item[] {
    const head = this.#onTheWay.shift();
    if (head === undefined || how === 'drop') return [];
    if (how === 'duplicate') return [head, head];
    if (how === 'reorder') {
      const next = this.#onTheWay.shift();
      return next === undefined ? [head] : [next, head];
    }
    return [head];
  }

  cut(): void {
    this.#onTheWay = [];
  }

  drain(): Item[] {
    return this.#onTheWay.splice(0);
  }
}

const fate = fc.constantFrom('deliver', 'deliver', 'deliver', 'drop', 'duplicate', 'reorder', 'reconnect');
const schedule = fc.array(fc.tuple(fate, fc.uint8Array({ maxLength: 20 })), { maxLength: 200 });

test('input: typed bytes are applied once and in order, whatever the links do', () => {
  fc.assert(
    fc.property(schedule, (steps) => {
      const typed: number[] = [];
      const applied: number[] = [];
      let sender = new InputSender({ windowBytes: 64, queueBytes: 100_000 });
      const receiver = new InputReceiver();
      const up = new Link<{ offset: number; payload: Uint8Array }>();
      const down = new Link<{ kind: 'ack' | 'resume'; offset: number }>();
      const send = (): void => {
        for (let chunk = sender.next(16); chunk !== null; chunk = sender.next(16)) up.put(chunk);
      };
      const arrive = ({ offset, payload }: { offset: number; payload: Uint8Array }): void => {
        const decision = receiver.accept(1, offset, payload);
        if (decision.kind === 'apply') applied.push(...decision.bytes);
        if (decision.kind === 'apply' || decision.kind === 'duplicate')
          down.put({ kind: 'ack', offset: decision.applied });
        if (decision.kind === 'gap' && decision.signal)
          down.put({ kind: 'resume', offset: decision.applied });
      };
      const answer = ({ kind, offset }: { kind: 'ack' | 'resume'; offset: number }): void => {
        expect(kind === 'ack' ? sender.ack(offset) : sender.resume(offset)).toBe(true);
        send();
      };
      const reconnect = (reload: boolean): void => {
        up.cut();
        down.cut();
        sender.disconnected();
        if (reload) {
          const saved = sender.save(100_000);
          sender = new InputSender({ windowBytes: 64, queueBytes: 100_000 });
          expect(sender.restore(saved)).toBe(true);
        }
        down.put({ kind: 'resume', offset: receiver.applied(1) });
      };
      reconnect(false);
      for (const [how, bytes] of steps) {
        expect(sender.push(bytes)).toBe(true);
        typed.push(...bytes);
        send();
        if (how === 'reconnect') reconnect(bytes.length % 2 === 0);
        else {
          // Acknowledgements overtaking each other would need a link that a socket is not; they are only lost.
          for (const chunk of up.step(how)) arrive(chunk);
          for (const back of down.step(how === 'drop' ? 'drop' : 'deliver')) answer(back);
        }
      }
      // A last, quiet link: everything arrives.
      reconnect(false);
      for (let quiet = false; !quiet;) {
        const answers = down.drain();
        answers.forEach(answer);
        const chunks = up.drain();
        chunks.forEach(arrive);
        quiet = answers.length === 0 && chunks.length === 0;
      }
      expect(applied).toEqual(typed);
      expect(sender.pendingBytes).toBe(0);
    }),
    { numRuns: 300 },
  );
});

test('output: every byte is handed on once and in order, and credit bounds what is out', () => {
  fc.assert(
    fc.property(schedule, (steps) => {
      const windowBytes = 64;
      const printed: number[] = [];
      const received: number[] = [];
      const ring = new ByteRing(1_000_000);
      const credit = new OutputCredit(0, { windowBytes, resumeBytes: 32, stallGraceMs: 1e9 });
      const receiver = new OutputReceiver();
      let acks = new AckPolicy(0, { everyBytes: 16, everyMs: 3 });
      const down = new Link<{ offset: number; payload: Uint8Array }>();
      let sent = 0;
      let nowMs = 0;
      const flush = (): void => {
        for (; sent < ring.end;) {
          const payload = ring.read(sent, 10);
          if (payload === null) throw new Error('the ring lost what was not sent');
          down.put({ offset: sent, payload });
          sent += payload.length;
        }
      };
      const arrive = ({ offset, payload }: { offset: number; payload: Uint8Array }): void => {
        const decision = receiver.accept(offset, payload);
        if (decision.kind === 'gap' && decision.signal) sent = decision.expected;
        if (decision.kind !== 'data') return;
        expect(decision.offset).toBe(received.length);
        received.push(...decision.bytes);
        const due = acks.consume(received.length, nowMs);
        if (due !== null) credit.ack(due, nowMs);
      };
      const print = (bytes: Uint8Array): void => {
        if (credit.paused) return;
        ring.append(bytes);
        printed.push(...bytes);
        credit.produce(ring.end, nowMs);
        expect(credit.outstandingBytes).toBeLessThanOrEqual(windowBytes + bytes.length);
      };
      for (const [how, bytes] of steps) {
        nowMs += 1;
        print(bytes);
        flush();
        if (how === 'reconnect') {
          down.cut();
          receiver.reconnected();
          acks = new AckPolicy(receiver.offset, { everyBytes: 16, everyMs: 3 });
          credit.ack(receiver.offset, nowMs);
          sent = receiver.offset;
        } else for (const frame of down.step(how)) arrive(frame);
        const due = acks.due(nowMs);
        if (due !== null) credit.ack(due, nowMs);
      }
      down.cut();
      receiver.reconnected();
      sent = receiver.offset;
      flush();
      down.drain().forEach(arrive);
      expect(received).toEqual(printed);
      // With everything consumed and acknowledged the program is never left waiting.
      credit.ack(acks.flush(), nowMs);
      expect(credit.paused).toBe(false);
    }),
    { numRuns: 300 },
  );
});

test('a stalled reader frees the program after the grace, and only then', () => {
  const credit = new OutputCredit(0, { windowBytes: 100, resumeBytes: 50, stallGraceMs: 1000 });
  expect(credit.produce(100, 0)).toBe(false);
  expect(credit.produce(101, 0)).toBe(true);
  expect(credit.deadlineMs).toBe(1000);
  // Progress that is not enough to resume still moves the deadline.
  expect(credit.ack(10, 900)).toBe(true);
  expect(credit.tick(1000)).toBe(true);
  expect(credit.tick(1900)).toBe(false);
  expect(credit.free).toBe(true);
  expect(credit.produce(10_000, 2000)).toBe(false);
  // Caught up: the window counts again.
  credit.ack(9_990, 2100);
  expect(credit.free).toBe(false);
  expect(credit.produce(10_100, 2100)).toBe(true);
});

test('acknowledgements are owed by bytes or by time, never both twice', () => {
  const acks = new AckPolicy(0, { everyBytes: 10, everyMs: 50 });
  expect(acks.consume(9, 0)).toBeNull();
  expect(acks.deadlineMs).toBe(50);
  expect(acks.due(49)).toBeNull();
  expect(acks.due(50)).toBe(9);
  expect(acks.due(1000)).toBeNull();
  expect(acks.consume(19, 1000)).toBe(19);
  expect(acks.deadlineMs).toBeNull();
});

test('the backoff starts at once, doubles within its bounds, and spreads', () => {
  fc.assert(
    fc.property(fc.array(fc.double({ min: 0, max: 0.999, noNaN: true }), { minLength: 12 }), (randoms) => {
      let at = 0;
      const backoff = new Backoff(() => randoms[at++ % randoms.length] ?? 0, {
        minMs: 100,
        maxMs: 800,
        jitter: 0.3,
      });
      expect(backoff.next()).toBe(0);
      for (let attempt = 1; attempt < 10; attempt++) {
        const baseMs = Math.min(800, 100 * 2 ** (attempt - 1));
        const waitMs = backoff.next();
        expect(waitMs).toBeGreaterThanOrEqual(Math.floor(baseMs * 0.7));
        expect(waitMs).toBeLessThanOrEqual(Math.ceil(baseMs * 1.3));
      }
      backoff.reset();
      expect(backoff.next()).toBe(0);
    }),
  );
});
