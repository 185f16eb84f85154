/** Numbers of a system call: x86-64 (asm/unistd_64.h) and arm64 (asm-generic/unistd.h), null where there is none. */
type Numbers = readonly [x64: number, arm64: number | null];

/** What no process in a sandbox may call. Tracing one's own processes is not among it: debuggers need it. */
const DENIED = {
  // Keyrings, and kernel interfaces that break out of containers now and then.
  add_key: [248, 217],
  request_key: [249, 218],
  keyctl: [250, 219],
  bpf: [321, 280],
  userfaultfd: [323, 282],
  perf_event_open: [298, 241],
  io_uring_setup: [425, 425],
  io_uring_enter: [426, 426],
  io_uring_register: [427, 427],
  // Mounting and namespaces.
  mount: [165, 40],
  umount2: [166, 39],
  pivot_root: [155, 41],
  chroot: [161, 51],
  unshare: [272, 97],
  setns: [308, 268],
  open_tree: [428, 428],
  move_mount: [429, 429],
  fsopen: [430, 430],
  fsconfig: [431, 431],
  fsmount: [432, 432],
  fspick: [433, 433],
  mount_setattr: [442, 442],
  // The machine as a whole.
  acct: [163, 89],
  swapon: [167, 224],
  swapoff: [168, 225],
  reboot: [169, 142],
  kexec_load: [246, 104],
  kexec_file_load: [320, 294],
  init_module: [175, 105],
  finit_module: [313, 273],
  delete_module: [176, 106],
  nfsservctl: [180, 42],
  quotactl: [179, 60],
  quotactl_fd: [443, 443],
  settimeofday: [164, 170],
  clock_settime: [227, 112],
  adjtimex: [159, 171],
  clock_adjtime: [305, 266],
  iopl: [172, null],
  ioperm: [173, null],
  vhangup: [153, 58],
  syslog: [103, 116],
  lookup_dcookie: [212, 18],
  // Other processes and files without a path to them.
  open_by_handle_at: [304, 265],
  name_to_handle_at: [303, 264],
  process_vm_readv: [310, 270],
  process_vm_writev: [311, 271],
  kcmp: [312, 272],
  fanotify_init: [300, 262],
  fanotify_mark: [301, 263],
  move_pages: [279, 239],
  mbind: [237, 235],
  set_mempolicy: [238, 237],
  migrate_pages: [256, 238],
  personality: [135, 92],
} as const satisfies Record<string, Numbers>;

/** What the filter looks at, and what entering a sandbox takes. */
const OTHERS = {
  clone: [56, 220],
  clone3: [435, 435],
  ioctl: [16, 29],
  prctl: [157, 167],
  capset: [126, 91],
  setgroups: [116, 159],
  setresgid: [119, 149],
  setresuid: [117, 147],
  close_range: [436, 436],
} as const satisfies Record<string, Numbers>;

/** Every call whose number this program knows. */
export const SYSTEM_CALLS = { ...DENIED, ...OTHERS };
export type SystemCall = keyof typeof SYSTEM_CALLS;
export const DENIED_CALLS = Object.keys(DENIED) as SystemCall[];

const COLUMN: Partial<Record<string, 0 | 1>> = { x64: 0, arm64: 1 };

/** The number of a call on a processor (`process.arch`); null when it has none. Throws for other processors. */
export function callNumber(call: SystemCall, arch: string = process.arch): number | null {
  const column = COLUMN[arch];
  if (column === undefined) throw new Error(`There is no table of system calls for ${arch}.`);
  return SYSTEM_CALLS[call][column];
}

/** As {@link callNumber}, for calls that every processor has. */
export function requiredCall(call: SystemCall, arch: string = process.arch): number {
  const number = callNumber(call, arch);
  if (number === null) throw new Error(`There is no call ${call} on ${arch}.`);
  return number;
}
