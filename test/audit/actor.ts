import { setTimeout as delay } from 'node:timers/promises';
import { z } from 'zod';
import type { Random } from '../chaos/random.ts';
import { api, type Target } from '../support/api.ts';
import { nextAct } from './acts.ts';

/** Between requests to an edge that is away. */
const AWAY_MS = 100;

/** What was asked for, by request id, and what has to be in the log of it. */
export interface Asked {
  /** `action outcome` of the entry. */
  entry: string;
  /** `acknowledged`: exactly once; `unknown`, because no answer came: at most once; `refused`: never. */
  answer: 'acknowledged' | 'unknown' | 'refused';
}

/** Asks the edge for random acts, one after the other, and keeps what was answered. */
export class Actor {
  readonly asked = new Map<string, Asked>();
  readonly #target: Target;
  readonly #random: Random;
  readonly #sessions: string[];
  readonly #name: string;

  /** `sessions`: those known to be there, shared with the other actors. */
  constructor(target: Target, random: Random, sessions: string[], name: string) {
    this.#target = target;
    this.#random = random;
    this.#sessions = sessions;
    this.#name = name;
  }

  /** Goes on until told to stop. */
  async act(stop: AbortSignal): Promise<void> {
    while (!stop.aborted) if (!(await this.#one())) await delay(AWAY_MS);
  }

  /** False when there was no answer. */
  async #one(): Promise<boolean> {
    const { method, path, body, entry, session } = nextAct(this.#random, this.#sessions);
    const requestId = `audit-${this.#name}-${this.asked.size}`;
    const asked: Asked = { entry, answer: 'unknown' };
    this.asked.set(requestId, asked);
    // Whatever is answered, nobody acts upon it any more.
    if (method === 'DELETE' && session !== null) this.#sessions.splice(this.#sessions.indexOf(session), 1);
    try {
      const { status, body: made } = await api(this.#target, method, path, body, {
        'x-request-id': requestId,
      });
      // A failure on the way to the answer says nothing of whether it was done.
      if (status < 300) asked.answer = 'acknowledged';
      else if (status < 500) asked.answer = 'refused';
      const id = z.object({ id: z.string() }).safeParse(made);
      if (status === 201 && session === null && id.success) this.#sessions.push(id.data.id);
      return true;
    } catch {
      return false;
    }
  }
}
