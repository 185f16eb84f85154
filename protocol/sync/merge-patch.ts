import { isJsonObject, type Json, type JsonObject } from './json.ts';

/**
 * Deltas are JSON merge patches (RFC 7396): a member with a value sets it, `null` takes it away, an object goes on
 * below. So documents have no `null` members: what is not there is left out.
 */

/** The patch that makes `after` of `before`; `{}` when nothing changed. Neither may have `null` members. */
export function diff(before: JsonObject, after: JsonObject): JsonObject {
  const patch = new Map<string, Json>();
  for (const name of Object.keys(before)) if (!Object.hasOwn(after, name)) patch.set(name, null);
  for (const [name, value] of Object.entries(after)) {
    const old = Object.hasOwn(before, name) ? before[name] : undefined;
    if (isJsonObject(old) && isJsonObject(value)) {
      const below = diff(old, value);
      if (Object.keys(below).length > 0) patch.set(name, below);
    } else if (!same(old, value)) {
      patch.set(name, value);
    }
  }
  return Object.fromEntries(patch);
}

/** What a document becomes by a patch. The document itself stays as it was; parts not patched are shared. */
export function merge(document: JsonObject, patch: JsonObject): JsonObject {
  const members = new Map<string, Json>(Object.entries(document));
  for (const [name, value] of Object.entries(patch)) {
    if (value === null) {
      members.delete(name);
    } else if (isJsonObject(value)) {
      const old = members.get(name);
      members.set(name, merge(isJsonObject(old) ? old : {}, value));
    } else {
      members.set(name, value);
    }
  }
  // Never by assignment: a member may be called __proto__.
  return Object.fromEntries(members);
}

/** The same document without members that have no value (`null`, or `undefined` in spite of the type), at any depth. */
export function withoutNulls(document: JsonObject): JsonObject {
  const kept = Object.entries(document).filter(([, value]) => (value ?? null) !== null);
  return Object.fromEntries(
    kept.map(([name, value]) => [name, isJsonObject(value) ? withoutNulls(value) : value]),
  );
}

function same(a: Json | undefined, b: Json): boolean {
  if (a === b) return true;
  if (Array.isArray(a) && Array.isArray(b)) {
    return (
      a.length === b.length && a.every((value: Json, at) => same(value, (b as readonly Json[])[at] ?? null))
    );
  }
  if (!isJsonObject(a) || !isJsonObject(b)) return false;
  const names = Object.keys(a);
  if (names.length !== Object.keys(b).length) return false;
  return names.every((name) => Object.hasOwn(b, name) && same(a[name], b[name] ?? null));
}
