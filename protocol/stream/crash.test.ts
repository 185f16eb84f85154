import fc from 'fast-check';
import { expect, test } from 'vitest';
import { InputReceiver } from './input-receiver.ts';
import { InputSender, type SavedInput } from './input-sender.ts';
import { OutputReceiver } from './output-receiver.ts';
import { ByteRing } from './ring.ts';

/**
 * Crashes at any point of a schedule. A link that ends takes all that is on it: the actor and the executor hear nothing
 * more of a link once another was accepted. Byte values are unique in a run, so that each can be followed.
 */
const MAX_STEP_BYTES = 4;
const step = fc.record({
  bytes: fc.integer({ min: 0, max: MAX_STEP_BYTES }),
  arrives: fc.integer({ min: 0, max: 3 }),
  answered: fc.integer({ min: 0, max: 3 }),
  then: fc.constantFrom(
    ...['nothing', 'nothing', 'nothing', 'nothing', 'reconnect', 'reload', 'crash', 'forget'],
  ),
});
const steps = fc.array(step, { maxLength: 60 });
type Answer = { kind: 'ack' | 'resume'; offset: number };

/** One client whose life ends and begins again, typing into one terminal. */
class Typing {
  readonly typed: number[] = [];
  readonly applied: number[] = [];
  /** How many bytes were typed when the client last lost some. */
  lossyUntil = 0;
  #sender = newSender();
  readonly #receiver = new InputReceiver();
  #up: { offset: number; payload: Uint8Array }[] = [];
  #down: Answer[] = [];
  /** Nothing was lost since the other end last said where it stands. */
  #sure = true;
  /** What storage holds, and what it held a little earlier. */
  #kept: SavedInput | null = null;
  #keptBefore: SavedInput | null = null;

  constructor() {
    this.#link();
  }

  type(count: number): void {
    const bytes = Uint8Array.from({ length: count }, (_unused, at) => this.typed.length + at);
    expect(this.#sender.push(bytes)).toBe(true);
    this.typed.push(...bytes);
    this.#send();
    if (count > 0) this.#keep();
  }

  arrive(count: number): number {
    const frames = this.#up.splice(0, count);
    for (const { offset, payload } of frames) {
      const decision = this.#receiver.accept(1, offset, payload);
      if (decision.kind === 'apply') this.applied.push(...decision.bytes);
      if (decision.kind === 'gap') this.#down.push({ kind: 'resume', offset: decision.applied });
      else if (decision.kind !== 'refused') this.#down.push({ kind: 'ack', offset: decision.applied });
    }
    return frames.length;
  }

  answer(count: number): number {
    const answers = this.#down.splice(0, count);
    for (const { kind, offset } of answers) {
      if (kind === 'ack') this.#sender.ack(offset);
      else expect(this.#sender.resume(offset)).toBe(true);
      if (kind === 'resume') this.#sure = true;
      this.#send();
      this.#keep();
    }
    return answers.length;
  }

  /** `reload`: with what storage holds. `crash`: storage is one write behind. `forget`: storage is empty. */
  end(how: string): void {
    if (how === 'nothing') return;
    if (how !== 'reconnect') {
      const saved = { reload: this.#kept, crash: this.#keptBefore, forget: null }[how] ?? null;
      // What is typed after a loss, before the other end said where it stands, is numbered by guess, and only once.
      if (how !== 'reload' || !this.#sure) this.lossyUntil = this.typed.length;
      if (how !== 'reload') this.#sure = false;
      this.#sender = newSender();
      if (saved !== null) expect(this.#sender.restore(saved)).toBe(true);
      this.#kept = this.#keptBefore = saved;
    }
    this.#link();
  }

  quiet(): void {
    this.#link();
    while (this.answer(1_000) + this.arrive(1_000) > 0);
    expect(this.#sender.pendingBytes).toBe(0);
  }

  #keep(): void {
    this.#keptBefore = this.#kept;
    this.#kept = this.#sender.save(1_000);
  }

  #link(): void {
    this.#sender.disconnected();
    this.#up = [];
    this.#down = [{ kind: 'resume', offset: this.#receiver.applied(1) }];
  }

  #send(): void {
    for (let chunk = this.#sender.next(3); chunk !== null; chunk = this.#sender.next(3)) this.#up.push(chunk);
  }
}

function newSender(): InputSender {
  return new InputSender({ windowBytes: 16, queueBytes: 1_000 });
}

test('input: no crash of a client types a byte twice or out of order, and only one that forgot loses any', () => {
  fc.assert(
    fc.property(steps, (all) => {
      const typing = new Typing();
      for (const { bytes, arrives, answered, then } of all) {
        typing.type(bytes);
        typing.arrive(arrives);
        typing.answer(answered);
        typing.end(then);
        // A crash of the other end, at any point: what was applied is in order, and each byte once.
        expect(isInOrder(typing.applied)).toBe(true);
      }
      typing.quiet();
      expect(isInOrder(typing.applied)).toBe(true);
      const certain = typing.typed.slice(typing.lossyUntil);
      expect(typing.applied.slice(typing.applied.length - certain.length)).toEqual(certain);
    }),
    { numRuns: 1_000 },
  );
});

/** Each byte is greater than the one before it. */
function isInOrder(bytes: number[]): boolean {
  return bytes.every((byte, at) => at === 0 || byte > (bytes[at - 1] ?? 0));
}

test('output: whoever of viewer and actor crashes, the viewer sees each byte once and in order, or a screen', () => {
  fc.assert(
    fc.property(steps, (all) => {
      // The executor's ring is short here; the actor keeps nothing that its crash would not lose.
      const ring = new ByteRing(24);
      let viewer = new OutputReceiver();
      let shown = 0;
      let sent = 0;
      let link: { offset: number; payload: Uint8Array }[] = [];
      const print = (count: number): void => {
        ring.append(Uint8Array.from({ length: count }, (_unused, at) => ring.end + at));
        for (sent = Math.max(sent, ring.start); sent < ring.end;) {
          const payload = ring.read(sent, 3) ?? new Uint8Array(0);
          link.push({ offset: sent, payload });
          sent += payload.length;
        }
      };
      const attach = (offset: number | null): void => {
        link = [];
        viewer.reconnected();
        if (offset === null || !ring.has(offset)) {
          // A screen stands for everything up to now, and only for what cannot be had otherwise.
          expect(viewer.snapshot(ring.end)).toBe(true);
          shown = ring.end;
          sent = ring.end;
        } else sent = offset;
        print(0);
      };
      const arrive = (count: number): void => {
        for (const { offset, payload } of link.splice(0, count)) {
          const decision = viewer.accept(offset, payload);
          if (decision.kind === 'gap') return attach(decision.expected);
          if (decision.kind !== 'data') continue;
          expect(decision.offset).toBe(shown);
          for (const byte of decision.bytes) expect(byte).toBe(shown++ & 0xff);
        }
      };
      for (const { bytes, arrives, then } of all) {
        print(bytes);
        arrive(arrives);
        if (then === 'reconnect') attach(viewer.offset);
        else if (then !== 'nothing') {
          const known = then === 'reload' ? viewer.offset : null;
          viewer = new OutputReceiver(known ?? 0);
          attach(known);
        }
      }
      attach(viewer.offset);
      while (link.length > 0) arrive(1_000);
      expect(viewer.offset).toBe(ring.end);
      expect(shown).toBe(ring.end);
    }),
    { numRuns: 500 },
  );
});
