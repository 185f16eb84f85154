const NAME_WIDTH = 22;
const CELL_WIDTH = 12;

/** A heading with columns. */
export function heading(title: string, ...columns: string[]): string {
  return title.padEnd(NAME_WIDTH + 2) + columns.map((column) => column.padStart(CELL_WIDTH)).join('');
}

/** A line of a table: numbers with so many decimals, text as it is. */
export function row(name: string, decimals: number, ...cells: (number | string)[]): string {
  const text = cells.map((cell) => (typeof cell === 'number' ? cell.toFixed(decimals) : cell));
  return `  ${name.padEnd(NAME_WIDTH)}${text.map((cell) => cell.padStart(CELL_WIDTH)).join('')}`;
}
