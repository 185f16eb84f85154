import { eq, sql } from 'drizzle-orm';
import type { Database } from './database.ts';
import { MAX_CLIENT_STREAMS } from './limits.ts';
import type { RecordRepository } from './record-repository.ts';
import { clientStreams } from './schema.ts';

/** Numbers the input streams of clients: one per user and client id, for the life of the session. */
export class ClientStreams {
  readonly #database: Database;
  readonly #records: RecordRepository;

  constructor(database: Database, records: RecordRepository) {
    this.#database = database;
    this.#records = records;
  }

  /** The client's number, allocated at its first visit. Null when the session has numbered too many. */
  numberOf(userId: string, clientId: string): number | null {
    // A user id cannot contain a client id's separator here: client ids are url-safe and come last.
    const clientKey = `${userId}\n${clientId}`;
    const known = this.#database
      .select()
      .from(clientStreams)
      .where(eq(clientStreams.clientKey, clientKey))
      .get();
    if (known !== undefined) return known.stream;
    const stream = this.#records.row.nextStream;
    if (stream > MAX_CLIENT_STREAMS) return null;
    this.#database.transaction(() => {
      this.#database.insert(clientStreams).values({ stream, clientKey }).run();
      this.#records.patch({ nextStream: stream + 1 });
    });
    return stream;
  }

  /** Forgets whose the streams of somebody are who is out. Their numbers are never another's. */
  forget(userId: string): void {
    const prefix = `${userId}\n`;
    this.#database
      .update(clientStreams)
      .set({ clientKey: sql`char(10) || ${clientStreams.stream}` })
      .where(sql`substr(${clientStreams.clientKey}, 1, ${prefix.length}) = ${prefix}`)
      .run();
  }
}
