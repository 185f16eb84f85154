import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';

/** A form in which a text may lie in a store. */
export interface Needle {
  form: string;
  bytes: Buffer;
}

/** Where something was found. */
export interface Finding {
  file: string;
  offset: number;
  form: string;
}

/** The forms of some bytes: as they are, in hex, and within base64 that began anywhere before them. */
export function formsOf(bytes: Buffer): Needle[] {
  const shifted = [0, 1, 2].flatMap((shift) => {
    const text = Buffer.concat([Buffer.alloc(shift), bytes]).toString('base64');
    // Characters at the edges hold bits of what is beside it.
    const inner = text.slice(Math.ceil((shift * 8) / 6), Math.floor(((shift + bytes.length) * 8) / 6));
    return [
      { form: `base64 (${shift})`, bytes: Buffer.from(inner) },
      { form: `base64url (${shift})`, bytes: Buffer.from(inner.replaceAll('+', '-').replaceAll('/', '_')) },
    ];
  });
  return [
    { form: 'bytes', bytes },
    { form: 'hex', bytes: Buffer.from(bytes.toString('hex')) },
    { form: 'HEX', bytes: Buffer.from(bytes.toString('hex').toUpperCase()) },
    ...shifted,
  ];
}

/** The forms of a text: in UTF-8, and in UTF-16 of both orders. */
export function textForms(text: string): Needle[] {
  const littleEndian = Buffer.from(text, 'utf16le');
  const bigEndian = Buffer.from(littleEndian).swap16();
  return [
    ...formsOf(Buffer.from(text)),
    { form: 'UTF-16LE', bytes: littleEndian },
    { form: 'UTF-16BE', bytes: bigEndian },
  ];
}

/** Every place of the needles in all files below a folder. `skip`: folders, relative to it, that are left out. */
export function scan(
  folder: string,
  needles: Needle[],
  skip: string[] = [],
): { files: string[]; found: Finding[] } {
  const files = filesBelow(folder).filter(
    (file) => !skip.some((name) => relative(folder, file).startsWith(`${name}/`)),
  );
  const found = files.flatMap((file) =>
    scanFile(file, needles).map((finding) => ({ ...finding, file: relative(folder, file) })),
  );
  return { files: files.map((file) => relative(folder, file)), found };
}

function scanFile(file: string, needles: Needle[]): Finding[] {
  const content = read(file);
  const found: Finding[] = [];
  for (const { form, bytes } of needles) {
    for (let at = content.indexOf(bytes); at !== -1; at = content.indexOf(bytes, at + 1))
      found.push({ file, offset: at, form });
  }
  return found;
}

/** Empty when it is gone: stores make and delete files while they run. */
function read(file: string): Buffer {
  try {
    return readFileSync(file);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return Buffer.alloc(0);
    throw error;
  }
}

function filesBelow(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
}
