// Numbers of system calls: asm/unistd_64.h of x86-64, asm-generic/unistd.h of arm64; -1: arm64 has no such call.
const NUMBERS = {
  read: [0, 63],
  open: [2, -1],
  write: [1, 64],
  close: [3, 57],
  stat: [4, -1],
  lstat: [6, -1],
  mmap: [9, 222],
  munmap: [11, 215],
  rt_sigprocmask: [14, 135],
  ioctl: [16, 29],
  pwrite64: [18, 68],
  writev: [20, 66],
  access: [21, -1],
  socket: [41, 198],
  connect: [42, 203],
  accept: [43, 202],
  sendto: [44, 206],
  recvfrom: [45, 207],
  sendmsg: [46, 211],
  recvmsg: [47, 212],
  shutdown: [48, 210],
  bind: [49, 200],
  listen: [50, 201],
  getsockname: [51, 204],
  getpeername: [52, 205],
  socketpair: [53, 199],
  setsockopt: [54, 208],
  getsockopt: [55, 209],
  clone: [56, 220],
  getxattr: [191, 8],
  lgetxattr: [192, 9],
  listxattr: [194, 11],
  llistxattr: [195, 12],
  chdir: [80, 49],
  readlink: [89, -1],
  prctl: [157, 167],
  mount: [165, 40],
  umount2: [166, 39],
  openat: [257, 56],
  newfstatat: [262, 79],
  readlinkat: [267, 78],
  faccessat: [269, 48],
  unlink: [87, -1],
  unlinkat: [263, 35],
  unshare: [272, 97],
  accept4: [288, 242],
  recvmmsg: [299, 243],
  prlimit64: [302, 261],
  sendmmsg: [307, 269],
  setns: [308, 268],
  process_vm_readv: [310, 270],
  process_vm_writev: [311, 271],
  seccomp: [317, 277],
  memfd_create: [319, 279],
  statx: [332, 291],
  io_uring_setup: [425, 425],
  io_uring_enter: [426, 426],
  io_uring_register: [427, 427],
  pidfd_open: [434, 434],
  clone3: [435, 435],
  openat2: [437, 437],
  pidfd_getfd: [438, 438],
  faccessat2: [439, 439],
} as const satisfies Record<string, readonly [x64: number, arm64: number]>;

export type SystemCall = keyof typeof NUMBERS;

const COLUMNS: Readonly<Record<string, 0 | 1>> = { x64: 0, arm64: 1 };
/** AUDIT_ARCH_* of linux/audit.h: what a filter sees of the calling convention. */
const AUDIT_ARCHITECTURES: Readonly<Record<string, number>> = { x64: 0xc000_003e, arm64: 0xc000_00b7 };

/** The number of a call on this machine; -1: it has none. */
export function systemCallNumber(name: SystemCall, architecture: string = process.arch): number {
  const column = COLUMNS[architecture];
  return column === undefined ? -1 : NUMBERS[name][column];
}

/** undefined: programs of this architecture cannot be captured. */
export const auditArchitecture = (architecture: string = process.arch): number | undefined => AUDIT_ARCHITECTURES[architecture];
