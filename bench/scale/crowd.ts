import { type ChildProcess, fork } from 'node:child_process';
import { join } from 'node:path';
import { Answer, type Order } from './protocol.ts';

/** Leaves out the id of each kind of order. */
type Asked = Order extends infer One ? (One extends Order ? Omit<One, 'id'> : never) : never;

/** All viewers, in a few processes. */
export class Crowd {
  readonly #processes: ChildProcess[];
  readonly #waiting = new Map<number, (answer: Answer) => void>();
  /** Rejects what a process was asked last. */
  readonly #fail = new Map<ChildProcess, () => void>();
  #nextId = 1;

  constructor(url: string, token: string, processes: number, sessionsEach: number) {
    this.#processes = Array.from({ length: processes }, (_, i) => {
      const args = [url, token, String(i * sessionsEach)];
      const child = fork(join(import.meta.dirname, 'clients.ts'), args, { serialization: 'advanced' });
      child.on('message', (message) => {
        const answer = Answer.parse(message);
        this.#waiting.get(answer.id)?.(answer);
        this.#waiting.delete(answer.id);
      });
      child.on('exit', () => this.#fail.get(child)?.());
      return child;
    });
  }

  /** Has every process do its share; the answers as one. */
  async all(order: Asked): Promise<Answer> {
    const answers = await Promise.all(this.#processes.map((child) => this.#ask(child, order)));
    const failure = answers.find(({ error }) => error !== undefined)?.error;
    if (failure !== undefined) throw new Error(failure);
    const sum = (of: (answer: Answer) => number): number => answers.reduce((n, answer) => n + of(answer), 0);
    return {
      id: 0,
      samplesMs: answers.flatMap(({ samplesMs }) => samplesMs),
      sessions: sum((answer) => answer.sessions),
      connected: sum((answer) => answer.connected),
      resting: sum((answer) => answer.resting),
      wrongBytes: sum((answer) => answer.wrongBytes),
      missingBytes: sum((answer) => answer.missingBytes),
      screens: sum((answer) => answer.screens),
    };
  }

  stop(): void {
    for (const child of this.#processes) child.disconnect();
  }

  #ask(child: ChildProcess, order: Asked): Promise<Answer> {
    const id = this.#nextId++;
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, resolve);
      this.#fail.set(child, () => reject(new Error('A process of clients ended.')));
      child.send({ id, ...order });
    });
  }
}
