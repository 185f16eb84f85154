import { findAssigned, isSecretName } from './assignments.ts';
import { FORMATS } from './formats.ts';
import { MIN_SECRET_CHARS, RegisteredSecrets } from './registered.ts';

/** Something secret in a text. */
interface Found {
  kind: string;
  from: number;
  end: number;
}

/** How often a text is looked at again: what was masked may show where something else begins. */
const MAX_PASSES = 8;
/** How deep members of members are looked at; deeper ones are left out. */
const MAX_DEPTH = 8;
const MARK_START = '[masked:';
const MARK = /\[masked:[a-z-]{1,40}\]/g;
const markOf = (kind: string): string => `${MARK_START}${kind}]`;

/**
 * Masks secrets in what is written down for others to read: logs, events, audit. Known forms are recognised (keys, tokens,
 * private keys, Authorization headers, credentials in URLs, values assigned to secret names), and secrets that were
 * registered are in whatever encoding. What is left is the kind: `[masked:github-token]`. To mask again changes nothing,
 * and the time taken grows with the text alone.
 */
export class Masker {
  readonly secrets = new RegisteredSecrets();

  /** The text without its secrets. */
  text(text: string): string {
    if (text.length < MIN_SECRET_CHARS) return text;
    let masked = text;
    for (let pass = 0; pass < MAX_PASSES; pass += 1) {
      const next = replaceAll(masked, this.#find(masked));
      if (next === masked) break;
      masked = next;
    }
    return masked;
  }

  /** A value of JSON without its secrets: every text in it, and whatever belongs to a secret's name. */
  value(value: unknown): unknown {
    return this.#isClean(value) ? value : this.#value(value, MAX_DEPTH);
  }

  /** As {@link value}, for members known to be flat. */
  fields<Value extends string | number | boolean | null | undefined>(
    fields: Record<string, Value>,
  ): Record<string, Value | string> {
    if (this.#isClean(fields)) return fields;
    const entries = Object.entries(fields).map(([name, value]) => [name, this.#member(name, value)] as const);
    return Object.fromEntries(entries);
  }

  /** Whether there is nothing to mask, which is nearly always so: one look at the whole is cheaper than one at each text. */
  #isClean(value: unknown): boolean {
    const json = JSON.stringify(value) ?? '';
    return json.length < MIN_SECRET_CHARS || replaceAll(json, this.#find(json)) === json;
  }

  #find(text: string): Found[] {
    return [...this.secrets.find(text), ...findFormats(text), ...findAssigned(text)];
  }

  #value(value: unknown, depth: number): unknown {
    if (typeof value === 'string') return this.text(value);
    if (typeof value !== 'object' || value === null) return value;
    if (depth === 0) return markOf('too-deep');
    if (Array.isArray(value)) return value.map((each) => this.#value(each, depth - 1));
    return Object.fromEntries(
      Object.entries(value).map(([name, member]) => [
        this.text(name),
        typeof member === 'string' ? this.#member(name, member) : this.#value(member, depth - 1),
      ]),
    );
  }

  #member<Value>(name: string, value: Value): Value | string {
    if (typeof value !== 'string') return value;
    const isPlain = value === '' || value.startsWith(MARK_START) || !isSecretName(name);
    return isPlain ? this.text(value) : markOf('secret');
  }
}

function findFormats(text: string): Found[] {
  const found: Found[] = [];
  for (const { kind, prefix, match } of FORMATS) {
    let at = text.indexOf(prefix);
    while (at !== -1) {
      const result = match(text, at);
      if ('end' in result) found.push({ kind, from: result.from, end: result.end });
      at = text.indexOf(prefix, Math.max(at + 1, 'end' in result ? result.end : result.goOn));
    }
  }
  return found;
}

/** Puts a mark in the place of each; of those that overlap, one mark of the kind that covers most. */
function replaceAll(text: string, found: Found[]): string {
  const marks = [...text.matchAll(MARK)].map(({ index, 0: mark }) => ({
    from: index,
    end: index + mark.length,
  }));
  const sorted = outside(found, marks).toSorted((a, b) => a.from - b.from || b.end - a.end);
  const merged: (Found & { longest: number })[] = [];
  for (const each of sorted) {
    const last = merged.at(-1);
    const length = each.end - each.from;
    if (last === undefined || each.from >= last.end) merged.push({ ...each, longest: length });
    else {
      if (length > last.longest) [last.kind, last.longest] = [each.kind, length];
      last.end = Math.max(last.end, each.end);
    }
  }
  let masked = '';
  let at = 0;
  for (const { kind, from, end } of merged) {
    masked += text.slice(at, from) + markOf(kind);
    at = end;
  }
  return masked + text.slice(at);
}

/** Those that do not begin within a mark. */
function outside(found: Found[], marks: { from: number; end: number }[]): Found[] {
  const sorted = found.toSorted((a, b) => a.from - b.from);
  let next = 0;
  return sorted.filter(({ from }) => {
    while (marks[next] !== undefined && (marks[next]?.end ?? 0) <= from) next += 1;
    const mark = marks[next];
    return mark === undefined || from < mark.from;
  });
}
