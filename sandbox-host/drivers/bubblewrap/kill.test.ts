import { expect, test } from 'vitest';
import type { LimitGroup } from './cgroups.ts';
import { killGroup } from './kill.ts';

/** A group without processes whose removal fails so often with `code`. */
function emptyGroup(code: string, times: number): { group: LimitGroup; tries: () => number } {
  let tries = 0;
  const remove = (): void => {
    tries += 1;
    if (tries <= times) throw Object.assign(new Error(code), { code });
  };
  const group = {
    limit: () => undefined,
    procsFiles: [],
    cpuMs: () => 0,
    memoryBytes: () => 0,
    pids: () => [],
  };
  return { group: { ...group, remove }, tries: () => tries };
}

test('a group that the kernel has not done with is removed a moment later', async () => {
  const { group, tries } = emptyGroup('EBUSY', 3);
  await killGroup(group);
  expect(tries()).toBe(4);
});

test('one that cannot be removed at all is an error', async () => {
  const { group } = emptyGroup('EPERM', 1);
  await expect(killGroup(group)).rejects.toThrow('EPERM');
});
