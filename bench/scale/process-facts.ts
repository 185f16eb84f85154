import { readFileSync, statSync } from 'node:fs';

/** What a process uses. */
export interface ProcessFacts {
  descriptors: number;
  /** Its share of memory pages (PSS), in KiB. */
  memoryKib: number;
}

/** Reads /proc; the size of the descriptor directory is their number since Linux 6.2. */
export function factsOf(pid: number): ProcessFacts {
  const rollup = readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8');
  return {
    descriptors: statSync(`/proc/${pid}/fd`).size,
    memoryKib: Number(/^Pss:\s+(\d+) kB/m.exec(rollup)?.[1]),
  };
}

/** What `count` things add to `base`, each. */
export function perEach(facts: ProcessFacts, base: ProcessFacts, count: number): ProcessFacts {
  return {
    descriptors: (facts.descriptors - base.descriptors) / count,
    memoryKib: (facts.memoryKib - base.memoryKib) / count,
  };
}
