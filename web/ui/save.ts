/** Gives something to the browser's downloads. */
export function save(blob: Blob, name: string): void {
  const url = URL.createObjectURL(blob);
  const link = Object.assign(document.createElement('a'), { href: url, download: name });
  link.click();
  // The download has begun by then; browsers keep what it needs.
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}
