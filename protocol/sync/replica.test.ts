import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { describeChange, logReaches } from './change.ts';
import { checksumOf } from './checksum.ts';
import { canonicalJson, type JsonObject } from './json.ts';
import { type Outcome, type Question, Replica, type ReplicaEvent, type VersionedState } from './replica.ts';

type Answer =
  | { type: 'event'; event: ReplicaEvent }
  | { type: 'events'; events: ReplicaEvent[]; newest: number }
  | { type: 'state'; state: VersionedState };

const PAGE = 3;

/** The keeper of the document and its log, as the session actor is. */
class Source {
  document: JsonObject = { n: 0 };
  version = 1;
  oldest = 2;
  readonly history = new Map([[1, canonicalJson(this.document)]]);
  readonly #log = new Map<number, ReplicaEvent>();

  /** One change; `blind`: told without a delta. */
  change(name: string, value: number | null, blind: boolean): Answer {
    const { [name]: _gone, ...rest } = this.document;
    const after = value === null ? rest : { ...rest, [name]: { value, at: this.version } };
    const { delta, checksum } = describeChange(blind ? null : this.document, after);
    this.document = after;
    this.version += 1;
    const event: ReplicaEvent = { version: this.version, kind: 'UPDATE', delta, checksum };
    this.#log.set(this.version, event);
    this.history.set(this.version, canonicalJson(after));
    return { type: 'event', event };
  }

  truncate(kept: number): void {
    this.oldest = Math.max(this.oldest, this.version - kept + 1);
  }

  heartbeat(): Answer {
    const { version } = this;
    return {
      type: 'event',
      event: { version, kind: 'HEARTBEAT', delta: {}, checksum: checksumOf(this.document) },
    };
  }

  answer(question: Question): Answer {
    const { version, document: state } = this;
    if (
      question.type === 'events.since' &&
      logReaches({ oldest: this.oldest, newest: version }, question.version)
    ) {
      const events = [...this.#log.values()]
        .filter((event) => event.version > question.version)
        .slice(0, PAGE);
      return { type: 'events', events, newest: version };
    }
    return { type: 'state', state: { version, checksum: checksumOf(state), state } };
  }
}

function take(replica: Replica, answer: Answer): Outcome {
  // As it comes from the wire: nothing is shared.
  const said = JSON.parse(JSON.stringify(answer)) as Answer;
  if (said.type === 'event') return replica.event(said.event);
  return said.type === 'events' ? replica.events(said.events, said.newest) : replica.state(said.state);
}

const step = fc.oneof(
  fc.record({
    act: fc.constant('change' as const),
    name: fc.constantFrom('a', 'b', '__proto__'),
    value: fc.option(fc.integer({ min: 0, max: 2 })),
    blind: fc.nat({ max: 9 }).map((n) => n === 0),
  }),
  fc.record({ act: fc.constantFrom('deliver' as const, 'drop' as const, 'double' as const), at: fc.nat() }),
  fc.record({ act: fc.constant('truncate' as const), kept: fc.nat({ max: 4 }) }),
  fc.record({ act: fc.constantFrom('heartbeat' as const, 'reconnect' as const, 'answer' as const) }),
);

describe('a replica', () => {
  it('is never silently wrong, and in the end right, whatever the network does', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 80 }), (steps) => {
        const source = new Source();
        const replica = new Replica();
        const wire: Answer[] = [];
        let questions: Question[] = [{ type: 'state.get' }];
        const deliver = (answer: Answer): void => {
          const { ask } = take(replica, answer);
          if (ask !== null) questions.push(ask);
          const { document, version } = replica;
          if (document !== null) expect(canonicalJson(document)).toBe(source.history.get(version));
        };
        for (const each of steps) {
          if (each.act === 'change') wire.push(source.change(each.name, each.value, each.blind));
          else if (each.act === 'truncate') source.truncate(each.kept);
          else if (each.act === 'heartbeat') wire.push(source.heartbeat());
          else if (each.act === 'answer')
            wire.push(...questions.splice(0).map((question) => source.answer(question)));
          else if (each.act === 'reconnect') {
            wire.length = 0;
            replica.reconnected();
            questions = [{ type: 'events.since', version: replica.version }];
          } else if ('at' in each && wire.length > 0) {
            const at = each.at % wire.length;
            const [answer] = each.act === 'double' ? wire.slice(at, at + 1) : wire.splice(at, 1);
            if (answer !== undefined && each.act !== 'drop') deliver(answer);
          }
        }
        // The network is well again: one heartbeat, and every question is answered.
        wire.length = 0;
        questions = [];
        wire.push(source.heartbeat());
        for (let rounds = 0; wire.length > 0; rounds++) {
          expect(rounds, 'it settles').toBeLessThan(100);
          for (const answer of wire.splice(0)) deliver(answer);
          wire.push(...questions.splice(0).map((question) => source.answer(question)));
        }
        expect(canonicalJson(replica.document ?? {})).toBe(canonicalJson(source.document));
        expect(replica.version).toBe(source.version);
      }),
      { numRuns: 2_000 },
    );
  });

  it('notices at a heartbeat whatever it has missed', () => {
    fc.assert(
      fc.property(fc.array(fc.boolean(), { minLength: 1, maxLength: 20 }), (heard) => {
        const source = new Source();
        const replica = new Replica();
        take(replica, source.answer({ type: 'state.get' }));
        let asked = false;
        for (const hears of heard) {
          const event = source.change('a', source.version, false);
          if (hears) asked = take(replica, event).ask !== null || asked;
        }
        const outcome = take(replica, source.heartbeat());
        const missed = heard.includes(false);
        expect(outcome.ask !== null).toBe(missed);
        // A gap is noticed at the first event after it.
        expect(asked).toBe(heard.some((hears, at) => hears && heard.slice(0, at).includes(false)));
      }),
    );
  });

  it('far behind catches up page by page, by events alone', () => {
    const source = new Source();
    const replica = new Replica();
    take(replica, source.answer({ type: 'state.get' }));
    for (let n = 0; n < 10; n++) source.change('a', n, false);
    const asked: string[] = [];
    for (let { ask } = take(replica, source.heartbeat()); ask !== null;) {
      asked.push(ask.type);
      ({ ask } = take(replica, source.answer(ask)));
    }
    expect(replica.version).toBe(source.version);
    expect(asked).toEqual(['events.since', 'events.since', 'events.since', 'events.since']);
  });

  it('takes the whole state when its own was changed behind its back, and none that contradicts its checksum', () => {
    const source = new Source();
    const replica = new Replica();
    expect(replica.event({ version: 5, kind: 'UPDATE', delta: {}, checksum: '' }).ask).toEqual({
      type: 'state.get',
    });
    replica.state({ version: 1, checksum: 'wrong', state: { n: 0 } });
    expect(replica.document).toBeNull();
    const other = { n: 'something else' };
    replica.state({ version: 1, checksum: checksumOf(other), state: other });
    expect(take(replica, source.change('a', 1, false)).ask).toEqual({ type: 'state.get' });
    expect(take(replica, source.answer({ type: 'state.get' })).changed).toBe(true);
    expect(replica.document).toEqual(source.document);
  });
});
