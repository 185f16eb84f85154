import { describe, expect, it } from 'vitest';
import type { Participant } from '../protocol/messages/session.ts';
import { People } from './people.ts';

const person = (stream: number, change: Partial<Participant> = {}): Participant => ({
  ...{ stream, clientId: `client-${stream}`, userId: `user-${stream}`, displayName: `Person ${stream}` },
  ...{ device: null, role: 'editor', color: 0, connectedAt: '2026-01-01T00:00:00.000Z', focus: null },
  ...change,
});
const here = (people: People): number[] => people.participants.map(({ stream }) => stream);

describe('people', () => {
  it('come, change and go', () => {
    const people = new People();
    people.apply({ type: 'participants', participants: [person(1)] }, 0);
    people.apply({ type: 'presence', here: [person(2), person(3)], left: [], count: 3 }, 0);
    people.apply({ type: 'presence', here: [person(3, { role: 'viewer' })], left: [1], count: 2 }, 0);
    expect(here(people)).toEqual([2, 3]);
    expect(people.participants[1]?.role).toBe('viewer');
  });

  it('are asked for again when a change was missed', () => {
    const people = new People();
    expect(people.apply({ type: 'participants', participants: [person(1)] }, 0)).toBe(true);
    expect(people.apply({ type: 'presence', here: [person(3)], left: [], count: 3 }, 0)).toBe(false);
  });

  it('type until it was long enough not said again', () => {
    const people = new People();
    people.apply({ type: 'participants', participants: [person(1), person(2)] }, 0);
    people.apply({ type: 'activity', channel: 5, stream: 1, forMs: 3_000 }, 1_000);
    people.apply({ type: 'activity', channel: 5, stream: 2, forMs: 3_000 }, 2_000);
    expect(people.typing(5, 2_000)).toMatchObject({ who: [{ stream: 1 }, { stream: 2 }], nextMs: 4_000 });
    expect(people.typing(5, 4_000)).toMatchObject({ who: [{ stream: 2 }], nextMs: 5_000 });
    expect(people.typing(5, 5_000)).toBeNull();
    expect(people.typing(6, 2_000)).toBeNull();
  });

  it('who left neither types nor decides a size', () => {
    const people = new People();
    people.apply({ type: 'participants', participants: [person(1), person(2)] }, 0);
    people.apply({ type: 'activity', channel: 5, stream: 1, forMs: 3_000 }, 0);
    people.apply({ type: 'terminal.sizer', channel: 5, stream: 1 }, 0);
    expect(people.sizerOf(5)?.stream).toBe(1);
    people.apply({ type: 'presence', here: [], left: [1], count: 1 }, 0);
    expect(people.typing(5, 0)).toBeNull();
    expect(people.sizerOf(5)).toBeNull();
  });
});
