import { callNumber, DENIED_CALLS, requiredCall } from './syscalls.ts';

/**
 * The system call filter of every process in a sandbox, as a classic BPF program for prctl(PR_SET_SECCOMP).
 * It takes away kernel interfaces that a shell user does not need and that break out of containers now and then:
 * keyrings, io_uring, bpf, mounting, new namespaces, kernel modules, TIOCSTI. Layout of `seccomp_data` and the return
 * values: linux/seccomp.h.
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

const AUDIT_ARCH: Partial<Record<string, number>> = { x64: 0xc000003e, arm64: 0xc00000b7 };

const op = { load: 0x20, jumpEqual: 0x15, jumpGreaterEqual: 0x35, jumpSet: 0x45, and: 0x54, ret: 0x06 };

/** Bytes of the filter for this processor (`process.arch`). Throws when there is none for it. */
export function seccompFilter(arch: string = process.arch): Buffer {
  const auditArch = AUDIT_ARCH[arch];
  if (auditArch === undefined) throw new Error(`There is no system call filter for ${arch}.`);
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
  emit(op.jumpEqual, auditArch, 1, 0);
  emit(op.ret, KILL);
  emit(op.load, NR);
  if (arch === 'x64') {
    emit(op.jumpGreaterEqual, X32_BIT, 0, 1);
    emit(op.ret, ERRNO | ENOSYS);
  }
  // libc falls back to clone, whose flags can be looked at.
  emit(op.jumpEqual, requiredCall('clone3', arch), 0, 1);
  emit(op.ret, ERRNO | ENOSYS);
  for (const call of DENIED_CALLS) {
    const number = callNumber(call, arch);
    if (number === null) continue;
    emit(op.jumpEqual, number, 0, 1);
    emit(op.ret, ERRNO | EPERM);
  }
  emit(op.jumpEqual, requiredCall('clone', arch), 0, 4);
  emit(op.load, ARG0_LOW);
  emit(op.jumpSet, CLONE_NEW, 0, 1);
  emit(op.ret, ERRNO | EPERM);
  emit(op.ret, ALLOW);
  emit(op.jumpEqual, requiredCall('ioctl', arch), 0, 4);
  emit(op.load, ARG1_LOW);
  emit(op.jumpEqual, TIOCSTI, 1, 0);
  emit(op.jumpEqual, TIOCLINUX, 0, 1);
  emit(op.ret, ERRNO | EPERM);
  emit(op.ret, ALLOW);
  return Buffer.concat(program);
}
