/**
 * What this isolate has done since it started. A workerd of one's own runs gateway and actors in a single isolate, so
 * there it is the whole; on Cloudflare it is a sample. Kept here because an actor that sleeps remembers nothing.
 */
export const isolate = {
  /** Constructions of session actors: created, restarted, or woken. */
  sessionActorStarts: 0,
  /** How often each of the gateway's caches had an answer, by its name. */
  caches: {} as Record<string, { hits: number; misses: number }>,
};
