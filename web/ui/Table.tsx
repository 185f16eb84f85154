import type { ReactNode } from 'react';

/** A column: its heading, and what it shows of a row. */
export interface Column<T> {
  title: string;
  cell: (row: T) => ReactNode;
  /** Its heading is for ears only, as of buttons. */
  bare?: boolean;
}

/**
 * Rows with the same columns. On a narrow screen each row becomes a card, which takes from a table what it means to
 * browsers; the roles say it.
 */
export function Table<T>(props: {
  caption: string;
  columns: readonly Column<T>[];
  rows: readonly T[];
  keyOf: (row: T) => string;
  /** Rows that count no more, such as what was revoked. */
  dim?: (row: T) => boolean;
}) {
  const { columns, rows, keyOf, dim } = props;
  return (
    <table className="table" role="table">
      <caption className="visually-hidden">{props.caption}</caption>
      <thead role="rowgroup">
        <tr role="row">
          {columns.map(({ title, bare = false }) => (
            <th key={title} role="columnheader" scope="col">
              <span className={bare ? 'visually-hidden' : ''}>{title}</span>
            </th>
          ))}
        </tr>
      </thead>
      <tbody role="rowgroup">
        {rows.map((row) => (
          <tr key={keyOf(row)} role="row" data-dim={dim?.(row) ?? false}>
            {columns.map(({ title, cell, bare = false }) => (
              <td key={title} role="cell" {...(bare ? { 'data-bare': true } : { 'data-label': title })}>
                {cell(row)}
              </td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}
