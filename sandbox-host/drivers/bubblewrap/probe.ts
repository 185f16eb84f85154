import { spawnSync } from 'node:child_process';
import { accessSync, constants, existsSync, readFileSync } from 'node:fs';
import type { ProbeResult } from '../driver.ts';
import { cgroupVersion } from './cgroups.ts';
import { seccompFilter } from './seccomp.ts';

const PROBE_TIMEOUT_MS = 5_000;
/** Programs the driver runs, and the Debian package of each. */
const PROGRAMS = {
  bwrap: 'bubblewrap',
  setpriv: 'util-linux',
  unshare: 'util-linux',
  perl: 'perl-base',
  mount: 'mount',
};

/** True when workspaces can be size-limited ext4 images: needs loop devices and mkfs.ext4. */
export function canLimitDisk(): boolean {
  return existsSync('/dev/loop-control') && findProgram('mkfs.ext4') !== null;
}

/** Looks at everything isolation depends on. Any problem means the driver must not be used. */
export function probeMachine(): ProbeResult {
  const problems: string[] = [];
  if (process.platform !== 'linux') problems.push('Sandboxes need Linux.');
  if (process.getuid?.() !== 0)
    problems.push('Sandboxes need root on the host, to give each its own user and limits.');
  for (const [program, debianPackage] of Object.entries(PROGRAMS)) {
    if (findProgram(program) === null)
      problems.push(`${program} is missing: apt-get install ${debianPackage}`);
  }
  const cgroups = cgroupVersion();
  if (cgroups === null) problems.push('cgroup controllers cpu, memory and pids are not available.');
  const seccomp = /^Seccomp:/m.test(readFileSync('/proc/self/status', 'utf8'));
  if (!seccomp) problems.push('This kernel has no seccomp filters.');
  try {
    seccompFilter();
  } catch (error) {
    problems.push(error instanceof Error ? error.message : String(error));
  }
  if (problems.length === 0 && !namespacesWork()) {
    problems.push('User namespaces are not allowed here: set the sysctl user.max_user_namespaces above 0.');
  }
  const facts = {
    cgroups: cgroups ?? 'none',
    seccomp: seccomp ? 'filter' : 'none',
    disk: canLimitDisk() ? 'limited' : 'not limited (mkfs.ext4 or loop devices missing)',
  };
  return { ok: problems.length === 0, problems, facts };
}

function namespacesWork(): boolean {
  const args = [
    '--unshare-all',
    '--uid',
    '1000',
    '--ro-bind',
    '/',
    '/',
    '--dev',
    '/dev',
    '--proc',
    '/proc',
    'true',
  ];
  return spawnSync('bwrap', args, { timeout: PROBE_TIMEOUT_MS }).status === 0;
}

function findProgram(name: string): string | null {
  for (const folder of [...(process.env['PATH'] ?? '').split(':'), '/usr/sbin', '/sbin']) {
    try {
      accessSync(`${folder}/${name}`, constants.X_OK);
      return `${folder}/${name}`;
    } catch {
      continue;
    }
  }
  return null;
}
