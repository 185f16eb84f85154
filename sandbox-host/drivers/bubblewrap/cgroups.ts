import { existsSync, mkdirSync, readFileSync, readdirSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { SandboxLimits } from '../../../protocol/messages/host.ts';

/** Where one sandbox's limits live: the files a process writes its id to, and what can be read back. */
export interface LimitGroup {
  /** Sets the limits of everything inside, now and later. */
  limit(limits: SandboxLimits): void;
  /** `cgroup.procs` files a launcher writes its pid to before it execs. */
  procsFiles: string[];
  cpuMs(): number;
  memoryBytes(): number;
  /** Every process inside, on the host's numbering. */
  pids(): number[];
  /** Removes the group; it has to be empty. */
  remove(): void;
}

const ROOT = '/sys/fs/cgroup';
const PARENT = 'alex-edge';
const V1_CONTROLLERS = ['cpu', 'cpuacct', 'memory', 'pids'] as const;
type V1Controller = (typeof V1_CONTROLLERS)[number];
const CPU_PERIOD_US = 100_000;

/** Which cgroup version limits processes here; null when neither can be used. */
export function cgroupVersion(): 'v1' | 'v2' | null {
  const v2 = join(ROOT, 'cgroup.controllers');
  if (existsSync(v2) && /\bmemory\b/.test(readFileSync(v2, 'utf8'))) return 'v2';
  return V1_CONTROLLERS.every((controller) => existsSync(join(ROOT, controller, 'cgroup.procs')))
    ? 'v1'
    : null;
}

/** Creates (or finds) the group of this name with these limits. Throws when this machine has no usable cgroups. */
export function createLimitGroup(name: string, limits: SandboxLimits): LimitGroup {
  const version = cgroupVersion();
  if (version === null)
    throw new Error('No cgroup controllers (cpu, memory, pids) can be used on this machine.');
  const group = version === 'v2' ? createV2(name) : createV1(name);
  group.limit(limits);
  return group;
}

/** The group of this name as it is, limits untouched: to see and end what an earlier executor left in it. */
export function openLimitGroup(name: string): LimitGroup {
  return cgroupVersion() === 'v2' ? v2Group(name) : v1Group(name);
}

/** Names of groups that exist, from this or an earlier executor. */
export function listLimitGroups(): string[] {
  const folder = cgroupVersion() === 'v2' ? join(ROOT, PARENT) : join(ROOT, 'pids', PARENT);
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name);
}

function createV1(name: string): LimitGroup {
  for (const controller of V1_CONTROLLERS) mkdirSync(v1Folder(controller, name), { recursive: true });
  return v1Group(name);
}

function limitV1(name: string, limits: SandboxLimits): void {
  const set = (controller: V1Controller, file: string, value: number): void =>
    writeFileSync(join(v1Folder(controller, name), file), String(value));
  set('cpu', 'cpu.cfs_period_us', CPU_PERIOD_US);
  set('cpu', 'cpu.cfs_quota_us', Math.round(limits.cpus * CPU_PERIOD_US));
  const swap = 'memory.memsw.limit_in_bytes';
  const swapIsCounted = existsSync(join(v1Folder('memory', name), swap));
  // The limit with swap may at no time be below the one without.
  if (swapIsCounted) set('memory', swap, -1);
  set('memory', 'memory.limit_in_bytes', limits.memoryBytes);
  if (swapIsCounted) set('memory', swap, limits.memoryBytes);
  set('pids', 'pids.max', limits.maxProcesses);
}

function v1Folder(controller: V1Controller, name: string): string {
  return join(ROOT, controller, PARENT, name);
}

function v1Group(name: string): LimitGroup {
  const at = (controller: V1Controller): string => v1Folder(controller, name);
  return {
    limit: (limits) => limitV1(name, limits),
    procsFiles: V1_CONTROLLERS.map((controller) => join(at(controller), 'cgroup.procs')),
    cpuMs: () => readNumber(join(at('cpuacct'), 'cpuacct.usage')) / 1e6,
    memoryBytes: () => readNumber(join(at('memory'), 'memory.usage_in_bytes')),
    pids: () => readPids(join(at('pids'), 'cgroup.procs')),
    remove: () => V1_CONTROLLERS.forEach((controller) => removeFolder(at(controller))),
  };
}

function createV2(name: string): LimitGroup {
  const parent = join(ROOT, PARENT);
  mkdirSync(parent, { recursive: true });
  for (const group of [ROOT, parent])
    writeFileSync(join(group, 'cgroup.subtree_control'), '+cpu +memory +pids');
  mkdirSync(join(parent, name), { recursive: true });
  return v2Group(name);
}

function limitV2(folder: string, limits: SandboxLimits): void {
  writeFileSync(join(folder, 'cpu.max'), `${Math.round(limits.cpus * CPU_PERIOD_US)} ${CPU_PERIOD_US}`);
  writeFileSync(join(folder, 'memory.max'), String(limits.memoryBytes));
  const swap = join(folder, 'memory.swap.max');
  if (existsSync(swap)) writeFileSync(swap, '0');
  writeFileSync(join(folder, 'pids.max'), String(limits.maxProcesses));
}

function v2Group(name: string): LimitGroup {
  const folder = join(ROOT, PARENT, name);
  return {
    limit: (limits) => limitV2(folder, limits),
    procsFiles: [join(folder, 'cgroup.procs')],
    cpuMs: () => Number(/usage_usec (\d+)/.exec(readText(join(folder, 'cpu.stat')))?.[1] ?? 0) / 1_000,
    memoryBytes: () => readNumber(join(folder, 'memory.current')),
    pids: () => readPids(join(folder, 'cgroup.procs')),
    remove: () => removeFolder(folder),
  };
}

function readText(file: string): string {
  return existsSync(file) ? readFileSync(file, 'utf8') : '';
}

function readNumber(file: string): number {
  return Number(readText(file).trim() || 0);
}

function readPids(file: string): number[] {
  return readText(file).split('\n').filter(Boolean).map(Number);
}

function removeFolder(folder: string): void {
  if (existsSync(folder)) rmdirSync(folder);
}
