import type { ServerResponse } from 'node:http';
import type { z } from 'zod';
import type { NewsComplete, SessionNews } from '../shared/session-news.ts';

/**
 * Tells hosts how the sessions without a link stand, as lines of JSON in an answer that does not end: all there are at
 * first, then each that changes.
 */
export class Feed {
  readonly #answers = new Set<ServerResponse>();

  follow(answer: ServerResponse, all: SessionNews[]): void {
    this.#answers.add(answer);
    answer.on('close', () => this.#answers.delete(answer));
    answer.writeHead(200, { 'content-type': 'application/x-ndjson' });
    answer.flushHeaders();
    for (const news of all) answer.write(line(news));
    answer.write(line({ complete: true }));
  }

  tell(news: SessionNews): void {
    for (const answer of this.#answers) answer.write(line(news));
  }

  close(): void {
    for (const answer of this.#answers) answer.end();
  }
}

function line(news: SessionNews | z.infer<typeof NewsComplete>): string {
  return `${JSON.stringify(news)}\n`;
}
