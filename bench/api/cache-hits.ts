/** What the edge's caches of who may do what have answered so far. */
export interface CacheHits {
  counts: ReadonlyMap<string, { hits: number; lookups: number }>;
  /** Share of the questions since `before` that a cache answered, by cache. */
  since(before: CacheHits): Record<string, number>;
}

const LINE = /^alex_isolate_cache_lookups_total\{cache="(\w+)",result="(hit|miss)"\} (\d+)$/gm;

/** Reads `/metrics` as an operator. */
export async function cacheHitRate(url: string, token: string): Promise<CacheHits> {
  const answer = await fetch(`${url}/metrics`, { headers: { authorization: `Bearer ${token}` } });
  const counts = new Map<string, { hits: number; lookups: number }>();
  for (const [, cache = '', result, value] of (await answer.text()).matchAll(LINE)) {
    const known = counts.get(cache) ?? { hits: 0, lookups: 0 };
    const hits = known.hits + (result === 'hit' ? Number(value) : 0);
    counts.set(cache, { hits, lookups: known.lookups + Number(value) });
  }
  return {
    counts,
    since(before) {
      const shares: Record<string, number> = {};
      for (const [cache, { hits, lookups }] of counts) {
        const earlier = before.counts.get(cache) ?? { hits: 0, lookups: 0 };
        if (lookups > earlier.lookups) shares[cache] = (hits - earlier.hits) / (lookups - earlier.lookups);
      }
      return shares;
    },
  };
}
