import { z } from 'zod';

const Row = z.object({ chosenName: z.string().nullable(), signInName: z.string().nullable() });
type Row = z.infer<typeof Row>;

/** What the user is called: the name they chose, else what their sign-in says. */
export class Profile {
  readonly #sql: SqlStorage;
  #current: Row | null = null;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
    sql.exec(`CREATE TABLE IF NOT EXISTS profile (
      one INTEGER PRIMARY KEY CHECK (one = 1), chosenName TEXT, signInName TEXT)`);
  }

  get current(): Readonly<Row> {
    this.#current ??= this.#read();
    return this.#current;
  }

  /** Null: nobody has said yet; whatever the credential says holds. */
  get displayName(): string | null {
    return this.current.chosenName ?? this.current.signInName;
  }

  /** Null: what the sign-in says again. */
  choose(name: string | null): void {
    this.#put({ ...this.current, chosenName: name });
  }

  /**
   * Somebody signed in by this name. A provider's word counts; a link and a device that another one let in only repeat
   * what was known, so theirs counts where there is none.
   */
  signedIn(name: string, byProvider: boolean): void {
    if (byProvider || this.current.signInName === null) this.#put({ ...this.current, signInName: name });
  }

  #read(): Row {
    const found = this.#sql.exec('SELECT chosenName, signInName FROM profile').toArray()[0];
    return found === undefined ? { chosenName: null, signInName: null } : Row.parse(found);
  }

  #put(row: Row): void {
    const { chosenName, signInName } = row;
    this.#sql.exec(
      'INSERT OR REPLACE INTO profile (one, chosenName, signInName) VALUES (1, ?, ?)',
      ...[chosenName, signInName],
    );
    this.#current = row;
  }
}
