import { existsSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { seccompFilter } from './seccomp.ts';
import { callNumber, SYSTEM_CALLS, type SystemCall } from './syscalls.ts';

/** The kernel's own tables; the generic one is arm64's. Debian: linux-libc-dev. */
const HEADERS = {
  x64: '/usr/include/x86_64-linux-gnu/asm/unistd_64.h',
  arm64: '/usr/include/asm-generic/unistd.h',
};
const NAMES = Object.keys(SYSTEM_CALLS) as SystemCall[];

for (const [arch, header] of Object.entries(HEADERS)) {
  test.runIf(existsSync(header))(`call numbers of ${arch} are the kernel's`, () => {
    const defined = [...readFileSync(header, 'utf8').matchAll(/^#define __NR(?:3264)?_(\w+)\s+(\d+)/gm)];
    const kernel = new Map(defined.map(([, name, number]) => [name, Number(number)]));
    expect(kernel.size).toBeGreaterThan(250);
    for (const name of NAMES)
      expect([name, callNumber(name, arch)]).toEqual([name, kernel.get(name) ?? null]);
  });
}

test.each(['x64', 'arm64'])('no two calls of %s share a number', (arch) => {
  const numbers = NAMES.map((name) => callNumber(name, arch)).filter((number) => number !== null);
  expect(new Set(numbers).size).toBe(numbers.length);
});

/** Runs a filter as the kernel would: 32-bit words of `seccomp_data`, jumps relative to the next instruction. */
function verdict(filter: Buffer, data: { nr: number; arch: number; args?: number[] }): number {
  const words = [data.nr, data.arch, 0, 0, ...(data.args ?? []).flatMap((arg) => [arg, 0])];
  let accumulator = 0;
  for (let at = 0; ; at += 1) {
    const code = filter.readUInt16LE(at * 8);
    const value = filter.readUInt32LE(at * 8 + 4);
    const jump = (taken: boolean): number => filter.readUInt8(at * 8 + (taken ? 2 : 3));
    if (code === 0x20) accumulator = words[value / 4] ?? 0;
    else if (code === 0x15) at += jump(accumulator === value);
    else if (code === 0x35) at += jump(accumulator >= value);
    else if (code === 0x45) at += jump((accumulator & value) !== 0);
    else if (code === 0x06) return value;
    else throw new Error(`instruction ${code}`);
  }
}

test.each([
  ['x64', 0xc000003e],
  ['arm64', 0xc00000b7],
])('the filter of %s denies what it should and nothing a shell needs', (arch, auditArch) => {
  const filter = seccompFilter(arch);
  const call = (name: SystemCall, ...args: number[]): string =>
    verdict(filter, { nr: callNumber(name, arch) ?? -1, arch: auditArch, args }).toString(16);
  expect(call('mount')).toBe('50001');
  expect(call('setns')).toBe('50001');
  expect(call('io_uring_setup')).toBe('50001');
  expect(call('clone3')).toBe('50026');
  expect(call('clone', 0x11)).toBe('7fff0000');
  expect(call('clone', 0x10000000)).toBe('50001');
  expect(call('ioctl', 0, 0x5413)).toBe('7fff0000');
  expect(call('ioctl', 0, 0x5412)).toBe('50001');
  expect(call('prctl')).toBe('7fff0000');
  expect(verdict(filter, { nr: 1, arch: 0x40000003 }).toString(16)).toBe('80000000');
});

test('a processor without a table has no filter', () => {
  expect(() => seccompFilter('ia32')).toThrow(/no system call filter for ia32/);
});
