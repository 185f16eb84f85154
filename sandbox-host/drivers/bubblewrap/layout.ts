import { existsSync } from 'node:fs';

/** User id inside every sandbox. */
export const INNER_UID = 1000;
/** Name of the machine inside. */
export const HOSTNAME = 'alex';

/** Size of each of /tmp and /dev/shm; what is in them counts as the sandbox's memory as well. */
const TMPFS_BYTES = 256 * 1024 * 1024;

/** Directories on the host that sandboxes are made of. */
export interface SandboxFolders {
  /** Where the workspace is mounted while the sandbox is made; in mounts of its own, so one place serves all. */
  workspace: string;
  /** Files that stand in for the host's: passwd, group, hosts, hostname, profile. The same for all. */
  etc: string;
}

/** What of the host's /etc programs need to work, and that says nothing about the host. */
const SHARED_ETC = [
  'alternatives',
  'ld.so.cache',
  'ld.so.conf',
  'ld.so.conf.d',
  'ssl/certs',
  'ca-certificates',
  'terminfo',
  'vim',
  'nanorc',
  'htoprc',
  'inputrc',
  'localtime',
  'mime.types',
  'magic',
  'perl',
  'python3',
  'services',
  'protocols',
];

/** Contents of the sandbox's own /etc, by file name. */
export const OWN_ETC: Record<string, string> = {
  passwd: `root:x:0:0:root:/root:/usr/sbin/nologin\nalex:x:${INNER_UID}:${INNER_UID}:Alex:/workspace:/bin/bash\nnobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin\n`,
  group: `root:x:0:\ntty:x:5:\nalex:x:${INNER_UID}:\nnogroup:x:65534:\n`,
  hostname: `${HOSTNAME}\n`,
  hosts: `127.0.0.1 localhost ${HOSTNAME}\n::1 localhost\n`,
  'resolv.conf': '',
  'nsswitch.conf': 'passwd: files\ngroup: files\nhosts: files\n',
  'bash.bashrc':
    'PS1="\\[\\e[36m\\]\\w\\[\\e[0m\\] \\$ "\nalias ls="ls --color=auto" ll="ls -l" grep="grep --color=auto"\n',
  profile: 'if [ -n "$BASH_VERSION" ] && [ -f /etc/bash.bashrc ]; then . /etc/bash.bashrc; fi\numask 022\n',
};

/** The mounts of a sandbox, as bwrap arguments. */
export function mountArguments(folders: SandboxFolders): string[] {
  const args = ['--ro-bind', '/usr', '/usr'];
  for (const name of ['bin', 'sbin', 'lib', 'lib32', 'lib64', 'libx32']) {
    if (existsSync(`/${name}`)) args.push('--symlink', `usr/${name}`, `/${name}`);
  }
  args.push('--dir', '/etc');
  for (const name of SHARED_ETC) {
    if (existsSync(`/etc/${name}`)) args.push('--ro-bind', `/etc/${name}`, `/etc/${name}`);
  }
  for (const name of Object.keys(OWN_ETC)) args.push('--ro-bind', `${folders.etc}/${name}`, `/etc/${name}`);
  const memory = ['--perms', '1777', '--size', String(TMPFS_BYTES), '--tmpfs'];
  args.push(
    ...['--dev', '/dev', '--proc', '/proc', '--dir', '/run', '--dir', '/var/tmp', '--dir', '/root'],
    // The place of each process's own terminal.
    ...['--dev-bind', '/dev/null', '/dev/console'],
    ...[...memory, '/tmp', ...memory, '/dev/shm', '--bind', folders.workspace, '/workspace'],
    ...['--remount-ro', '/', '--chdir', '/workspace'],
  );
  return args;
}
