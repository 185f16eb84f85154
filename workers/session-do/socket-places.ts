import { eq } from 'drizzle-orm';
import { CloseCode } from '../../protocol/close-codes.ts';
import { withDeadline } from '../shared/deadline.ts';
import { isGuestId } from '../shared/ids.ts';
import { fail, type Failure } from '../shared/outcome.ts';
import type { Outcome } from '../shared/rpc.ts';
import type { KeptPlaces } from '../shared/sockets-rpc.ts';
import type { Database } from './database.ts';
import { PLACE_ANSWER_TIMEOUT_MS } from './limits.ts';
import type { Parts } from './parts.ts';
import { socketPlaces } from './schema.ts';
import type { ViewerSocket } from './viewer-socket.ts';

/**
 * Places for sockets, kept for each user within what that user may have open in all sessions; the user's actor counts them
 * (`SocketPlacesRpc`). A socket gets in where a place is kept. Places outlive their sockets, so that who comes back, also
 * all at once, finds theirs without a question or a write; they are given up when the session is not used any more, when
 * their user is no member any more, and when the user's actor asks for what is not needed.
 */
export class SocketPlaces {
  readonly #parts: Parts;
  readonly #database: Database;
  /** Read when it is first needed. */
  #kept: Map<string, KeptPlaces> | null = null;
  /** Sockets that are being let in. */
  readonly #coming = new Map<string, number>();
  /** The least that the user's actor was last told. */
  readonly #answered = new Map<string, KeptPlaces>();
  readonly #turns = new Map<string, Promise<unknown>>();
  #lastVersion = 0;

  constructor(parts: Parts, database: Database) {
    this.#parts = parts;
    this.#database = database;
  }

  /**
   * Takes a place for a socket that comes; at once where one is kept, and where it may be that it takes the place of an
   * older one, which {@link claim} finds out. Call {@link arrived} when it was let in, or was not.
   */
  take(userId: string): null | Promise<Failure | null> {
    const [needed, places] = [this.#needed(userId), this.#placesOf(userId)];
    // Guests have no actor that could count; the session counts them by itself.
    const atOnce = isGuestId(userId) || needed < places || (needed === places && needed > 0);
    if (!atOnce) return this.#inTurn(userId, () => this.#takeOne(userId));
    this.#come(userId, 1);
    return null;
  }

  /** A viewer has said who it is, and older sockets of it are gone: if it has no place of its own, it gets one, or ends. */
  claim(viewer: ViewerSocket): void {
    const { userId } = viewer;
    if (isGuestId(userId) || this.#needed(userId) <= this.#placesOf(userId)) return;
    void this.#inTurn(userId, () => this.#askForNeeded(userId)).then((refusal) => {
      if (refusal === null || viewer.closed) return;
      viewer.fail(refusal.code, refusal.detail);
      viewer.close(closeCodeOf(refusal), refusal.code);
      this.#parts.participants.leave(viewer.ws);
    });
  }

  /** A socket that took a place is open now, or was refused for something else. */
  arrived(userId: string): void {
    this.#come(userId, -1);
  }

  /** See `SessionRpc.neededSocketPlaces`. */
  giveUpUnneeded(userId: string, knownVersion: number): KeptPlaces {
    const version = this.#nextVersion(knownVersion);
    if (this.#parts.records.current === null) return { places: 0, version };
    const needed = { places: this.#needed(userId), version };
    if (this.#placesOf(userId) > needed.places) this.#keep(userId, needed);
    this.#answered.set(userId, needed);
    return needed;
  }

  /** Gives up what no socket needs, of one user or of all. */
  release(userId?: string): void {
    const { records, ctx, log } = this.#parts;
    if (records.current === null) return;
    for (const [user, { places }] of userId === undefined ? [...this.#all] : this.#all) {
      if ((userId !== undefined && user !== userId) || places <= this.#needed(user)) continue;
      const kept = { places: this.#needed(user), version: this.#nextVersion() };
      this.#keep(user, kept);
      this.#answered.set(user, kept);
      const told = withDeadline(this.#tell(user, kept), PLACE_ANSWER_TIMEOUT_MS);
      // It would ask when it runs out of places.
      ctx.waitUntil(
        told.catch((error: unknown) => log('debug', 'places not given back', { error: String(error) })),
      );
    }
  }

  /** The storage is gone. */
  forget(): void {
    this.#kept = null;
  }

  /** One after the other: each asks for what is needed by then. */
  #inTurn(userId: string, take: () => Promise<Failure | null>): Promise<Failure | null> {
    const turn = (this.#turns.get(userId) ?? Promise.resolve()).then(take);
    this.#turns.set(userId, turn);
    void turn.finally(() => {
      if (this.#turns.get(userId) === turn) this.#turns.delete(userId);
    });
    return turn;
  }

  async #takeOne(userId: string): Promise<Failure | null> {
    this.#come(userId, 1);
    const refusal = await this.#askForNeeded(userId);
    if (refusal !== null) this.#come(userId, -1);
    return refusal;
  }

  async #askForNeeded(userId: string): Promise<Failure | null> {
    const { records } = this.#parts;
    const places = this.#needed(userId);
    if (records.current === null || places <= this.#placesOf(userId)) return null;
    const asked = { places, version: this.#nextVersion() };
    const answer = await this.#ask(userId, asked);
    if (!answer.ok) return answer;
    if (records.current === null) return null;
    // Whatever the user's actor was told meanwhile, it may count no more than that.
    const told = this.#answered.get(userId);
    const isTold = told !== undefined && told.version > asked.version;
    this.#keep(userId, isTold ? { ...told, places: Math.min(places, told.places) } : asked);
    return null;
  }

  async #ask(userId: string, kept: KeptPlaces): Promise<Outcome<null>> {
    try {
      return await withDeadline(this.#tell(userId, kept), PLACE_ANSWER_TIMEOUT_MS);
    } catch (error) {
      this.#parts.log('warn', 'cannot ask for a place', { userId, error: String(error) });
      return fail(
        'unavailable',
        'Whether you may have one more connection cannot be asked; try again later.',
      );
    }
  }

  /** Sockets of a user that are open or coming. */
  #needed(userId: string): number {
    return this.#parts.participants.countOf(userId) + (this.#coming.get(userId) ?? 0);
  }

  #placesOf(userId: string): number {
    return this.#all.get(userId)?.places ?? 0;
  }

  #come(userId: string, by: 1 | -1): void {
    const coming = (this.#coming.get(userId) ?? 0) + by;
    if (coming === 0) this.#coming.delete(userId);
    else this.#coming.set(userId, coming);
  }

  #nextVersion(after = 0): number {
    this.#lastVersion = Math.max(Date.now(), this.#lastVersion + 1, after + 1);
    return this.#lastVersion;
  }

  get #all(): Map<string, KeptPlaces> {
    this.#kept ??= new Map(
      this.#database
        .select()
        .from(socketPlaces)
        .all()
        .map(({ userId, ...kept }) => [userId, kept]),
    );
    return this.#kept;
  }

  #keep(userId: string, kept: KeptPlaces): void {
    if (kept.places === 0) {
      this.#all.delete(userId);
      this.#database.delete(socketPlaces).where(eq(socketPlaces.userId, userId)).run();
      return;
    }
    this.#all.set(userId, kept);
    this.#database
      .insert(socketPlaces)
      .values({ userId, ...kept })
      .onConflictDoUpdate({ target: socketPlaces.userId, set: kept })
      .run();
  }

  async #tell(userId: string, kept: KeptPlaces): Promise<Outcome<null>> {
    const { env, records } = this.#parts;
    const user = env.USERS.get(env.USERS.idFromName(userId));
    return user.keepSocketPlaces(records.row.id, kept);
  }
}

/** How a socket is closed that gets no place. */
export function closeCodeOf({ code }: Failure): CloseCode {
  return code === 'limit-exceeded' ? CloseCode.LimitExceeded : CloseCode.Unavailable;
}
