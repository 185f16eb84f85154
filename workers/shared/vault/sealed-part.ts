import type { z } from 'zod';
import { damaged } from './data-key.ts';
import type { Vault } from './vault.ts';

/**
 * The part of some rows that is stored sealed: which members those are, and what is there once the keys were destroyed.
 * `stream` names the rows within their actor; together with a row's own key it is the place of its record.
 */
export class SealedPart<Shape extends z.ZodRawShape> {
  readonly #vault: Vault;
  readonly #stream: string;
  readonly #schema: z.ZodObject<Shape>;
  readonly #empty: z.infer<z.ZodObject<Shape>>;

  constructor(vault: Vault, stream: string, schema: z.ZodObject<Shape>, empty: z.infer<z.ZodObject<Shape>>) {
    this.#vault = vault;
    this.#stream = stream;
    this.#schema = schema;
    this.#empty = empty;
  }

  /** The record for a row; other members of it are left out. Nothing, once the keys were destroyed. */
  seal(sequence: number | string, row: z.infer<z.ZodObject<Shape>>): Uint8Array<ArrayBuffer> {
    if (this.#vault.shredded) return new Uint8Array(0);
    const content = Object.fromEntries(Object.entries(row).filter(([name]) => name in this.#schema.shape));
    return this.#vault.sealJson({ stream: this.#stream, sequence }, content);
  }

  /** What was sealed for a row. Throws a `VaultError` when it cannot be had. */
  open(sequence: number | string, record: Uint8Array | ArrayBuffer | null): z.infer<z.ZodObject<Shape>> {
    if (this.#vault.shredded) return this.#empty;
    const place = { stream: this.#stream, sequence };
    if (record === null) throw damaged(place);
    return this.#schema.parse(this.#vault.openJson(place, new Uint8Array(record)));
  }

  /** Whether a change of a row changes what is sealed of it. */
  isIn(change: object): boolean {
    return Object.keys(change).some((name) => name in this.#schema.shape);
  }

  /** The members of a row, or of a change, that are stored as they are. */
  without<Row extends object>(row: Row): Omit<Row, keyof Shape> {
    const clear = Object.entries(row).filter(([name]) => !(name in this.#schema.shape));
    return Object.fromEntries(clear) as Omit<Row, keyof Shape>;
  }
}
