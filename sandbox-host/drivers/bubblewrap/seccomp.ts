/**
 * The system call filter of every process in a sandbox, as a classic BPF program for `bwrap --seccomp`.
 * It takes away kernel interfaces that a shell user does not need and that break out of containers now and then:
 * keyrings, io_uring, bpf, mounting, new namespaces, kernel modules, TIOCSTI. Layout of `seccomp_data` and the return
 * values: linux/seccomp.h; call numbers: asm/unistd_64.h (x86-64) and asm-generic/unistd.h (arm64).
 */

const ALLOW = 0x7fff0000;
const ERRNO = 0x00050000;
const KILL = 0x80000000;
const EPERM = 1;
const ENOSYS = 38;
/** Offsets into `struct seccomp_data`. */
const NR = 0;
const ARCH = 4;
const ARG0_LOW = 16;
const ARG1_LOW = 24;
/** x32 calls on x86-64 carry this bit. */
const X32_BIT = 0x40000000;
/** CLONE_NEWTIME|NEWNS|NEWCGROUP|NEWUTS|NEWIPC|NEWUSER|NEWPID|NEWNET. */
const CLONE_NEW = 0x7e020080;
const TIOCSTI = 0x5412;
const TIOCLINUX = 0x541c;

interface Calls {
  auditArch: number;
  clone: number;
  clone3: number;
  ioctl: number;
  denied: number[];
}

/** Calls that are the same number everywhere (424 and above). */
const NEW_CALLS = [425, 426, 427, 428, 429, 430, 431, 432, 433, 442, 443];

const CALLS: Partial<Record<string, Calls>> = {
  x64: {
    auditArch: 0xc000003e,
    clone: 56,
    clone3: 435,
    ioctl: 16,
    // ptrace acct add_key request_key keyctl bpf userfaultfd perf_event_open mount umount2 pivot_root chroot unshare
    // setns swapon swapoff reboot kexec* *_module nfsservctl quotactl open_by_handle_at name_to_handle_at personality
    // settimeofday clock_settime adjtimex clock_adjtime iopl ioperm vhangup lookup_dcookie process_vm_* kcmp fanotify
    // move_pages mbind set_mempolicy migrate_pages syslog
    denied: [
      163,
      248,
      249,
      250,
      321,
      323,
      298,
      165,
      166,
      155,
      161,
      272,
      308,
      167,
      168,
      169,
      246,
      320,
      175,
      313,
      176,
      180,
      179,
      304,
      303,
      135,
      164,
      227,
      159,
      305,
      172,
      173,
      153,
      212,
      310,
      311,
      312,
      300,
      301,
      279,
      237,
      238,
      256,
      103,
      ...NEW_CALLS,
    ],
  },
  arm64: {
    auditArch: 0xc00000b7,
    clone: 220,
    clone3: 435,
    ioctl: 29,
    denied: [
      89,
      217,
      218,
      219,
      280,
      282,
      241,
      40,
      39,
      41,
      51,
      97,
      268,
      224,
      225,
      142,
      104,
      294,
      105,
      273,
      106,
      42,
      60,
      265,
      264,
      92,
      170,
      112,
      171,
      266,
      58,
      18,
      270,
      271,
      272,
      262,
      263,
      239,
      235,
      237,
      238,
      116,
      ...NEW_CALLS,
    ],
  },
};

const op = { load: 0x20, jumpEqual: 0x15, jumpGreaterEqual: 0x35, jumpSet: 0x45, and: 0x54, ret: 0x06 };

/** Bytes of the filter for this processor (`process.arch`). Throws when there is none for it. */
export function seccompFilter(arch: string = process.arch): Buffer {
  const calls = CALLS[arch];
  if (calls === undefined) throw new Error(`There is no system call filter for ${arch}.`);
  const program: Buffer[] = [];
  const emit = (code: number, value: number, ifTrue = 0, ifFalse = 0): void => {
    const instruction = Buffer.alloc(8);
    instruction.writeUInt16LE(code, 0);
    instruction.writeUInt8(ifTrue, 2);
    instruction.writeUInt8(ifFalse, 3);
    instruction.writeUInt32LE(value >>> 0, 4);
    program.push(instruction);
  };
  emit(op.load, ARCH);
  emit(op.jumpEqual, calls.auditArch, 1, 0);
  emit(op.ret, KILL);
  emit(op.load, NR);
  if (arch === 'x64') {
    emit(op.jumpGreaterEqual, X32_BIT, 0, 1);
    emit(op.ret, ERRNO | ENOSYS);
  }
  // libc falls back to clone, whose flags can be looked at.
  emit(op.jumpEqual, calls.clone3, 0, 1);
  emit(op.ret, ERRNO | ENOSYS);
  for (const call of new Set(calls.denied)) {
    emit(op.jumpEqual, call, 0, 1);
    emit(op.ret, ERRNO | EPERM);
  }
  emit(op.jumpEqual, calls.clone, 0, 4);
  emit(op.load, ARG0_LOW);
  emit(op.jumpSet, CLONE_NEW, 0, 1);
  emit(op.ret, ERRNO | EPERM);
  emit(op.ret, ALLOW);
  emit(op.jumpEqual, calls.ioctl, 0, 4);
  emit(op.load, ARG1_LOW);
  emit(op.jumpEqual, TIOCSTI, 1, 0);
  emit(op.jumpEqual, TIOCLINUX, 0, 1);
  emit(op.ret, ERRNO | EPERM);
  emit(op.ret, ALLOW);
  return Buffer.concat(program);
}
