import { existsSync } from 'node:fs';
import { EACCES, EEXIST, EINVAL, EISDIR, ENOENT, ENOTDIR, EOPNOTSUPP } from '../../base/errno.js';
import { check, O_CLOEXEC, O_NONBLOCK, O_RDONLY } from '../../host/libc.js';
import { type SystemCall, systemCallNumber } from '../../host/system-calls.js';
import type { Namespace } from '../../net/core/namespace.js';
import type { CallDescriptor } from './call-table.js';
import { mayBeOurs, mayHoldOurs } from './path-bytes.js';
import type { ViewNode } from './path-views.js';
import type { ProgramCall } from './program-call.js';
import type { Supervisor } from './supervisor.js';
import { TunFile } from './tun-file.js';

const AT_FDCWD = -100;
const AT_EMPTY_PATH = 0x1000;
const AT_SYMLINK_NOFOLLOW = 0x100;
// asm-generic/fcntl.h; arm64 has others for O_DIRECTORY and O_NOFOLLOW.
const O_ACCMODE = 3;
const O_WRONLY = 1;
const O_CREAT = 0o100;
const O_EXCL = 0o200;
const O_DIRECTORY = process.arch === 'arm64' ? 0o40000 : 0o200000;
const O_NOFOLLOW = process.arch === 'arm64' ? 0o100000 : 0o400000;
const O_PATH = 0o10000000;
/** What of a path is read at first; a page's end may come before. */
const PREFIX = 256;
const PAGE = 4096;
/** Room for a struct stat and a struct statx, and where in the transfer buffer they and a path lie. */
const STAT_BYTES = 144;
const STATX_BYTES = 256;
const RESULT_AT = 8192;

/** Where in the transfer buffer the folder of a relative path lies. */
const FOLDER_AT = 4096;

const SLASH = 0x2f;
const TUN = '/dev/net/tun';

/**
 * Paths of programs that lead to what is the stack's in /proc and /sys: opened, they give its texts and settings; examined, what
 * stands for them in a skeleton is. All other paths are the kernel's.
 */
export const pathCalls: readonly CallDescriptor[] = [
  { name: 'open', when: 'always', handle: (call, supervisor) => open(call, supervisor, AT_FDCWD, call.args[0]!, call.ints[1]!) },
  { name: 'openat', when: 'always', handle: (call, supervisor) => open(call, supervisor, call.ints[0]!, call.args[1]!, call.ints[2]!) },
  { name: 'openat2', when: 'always', handle: openat2 },
  examining('stat', { path: 0, result: 1, bytes: STAT_BYTES }),
  examining('lstat', { path: 0, result: 1, bytes: STAT_BYTES }),
  examining('access', { path: 0 }),
  examining('newfstatat', { folder: 0, path: 1, result: 2, bytes: STAT_BYTES, flags: 3 }),
  examining('faccessat', { folder: 0, path: 1 }),
  examining('faccessat2', { folder: 0, path: 1, flags: 3 }),
  examining('statx', { folder: 0, path: 1, flags: 2, result: 4, bytes: STATX_BYTES }),
  {
    name: 'readlink',
    when: 'always',
    handle: (call, supervisor) => readLink(call, supervisor, { path: 0, buffer: 1, size: 2 }),
  },
  {
    name: 'readlinkat',
    when: 'always',
    handle: (call, supervisor) => readLink(call, supervisor, { folder: 0, path: 1, buffer: 2, size: 3 }),
  },
  withoutAttributes('getxattr'),
  withoutAttributes('lgetxattr'),
  withoutAttributes('listxattr'),
  withoutAttributes('llistxattr'),
];

/** Where a call has its arguments. */
interface Places {
  readonly folder?: number;
  readonly path: number;
  readonly flags?: number;
  readonly result?: number;
  readonly bytes?: number;
}

/** Where readlink() has its arguments. */
type LinkPlaces = Places & { readonly buffer: number; readonly size: number };

/** A call that looks at a path: done here, on the skeleton, its result handed over. */
function examining(name: SystemCall, places: Places): CallDescriptor {
  const { folder, path, flags, result, bytes = 0 } = places;
  return {
    name,
    // With AT_EMPTY_PATH it is about a descriptor.
    when: flags === undefined ? 'always' : { anyOf: [{ argument: flags, mask: AT_EMPTY_PATH, equals: 0 }] },
    handle: (call, supervisor) => {
      const text = absolutePath(call, supervisor, folder === undefined ? AT_FDCWD : call.ints[folder]!, call.args[path]!);
      if (text === null) return call.proceed();
      const followed = name !== 'lstat' && (flags === undefined || (call.ints[flags]! & AT_SYMLINK_NOFOLLOW) === 0);
      if (text === TUN && existsSync(TUN)) return call.proceed();
      // Where the host has none, another character device that anybody may open is examined.
      let standIn = text === TUN ? '/dev/null' : followed ? namespaceFile(call, supervisor, text) : null;
      if (standIn === null) {
        const node = findNode(call, supervisor, text, followed);
        if (node === null) return call.proceed();
        standIn = supervisor.views.skeleton(node);
        if (standIn === null) return node.root.whole ? call.fail(supervisor.views.errorOf(node)) : call.proceed();
      }
      const { io, libc } = supervisor.bench;
      io.setText(0, standIn);
      const args = Array.from(call.args);
      args[path] = io.address;
      if (folder !== undefined) args[folder] = AT_FDCWD;
      if (result !== undefined) args[result] = io.address + RESULT_AT;
      const [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0] = args;
      const outcome = libc.systemCall(systemCallNumber(name), a, b, c, d, e, f);
      if (outcome < 0) return call.fail(libc.errno());
      call.answer(result === undefined ? outcome : call.copyOut(call.args[result]!, bytes, io.address + RESULT_AT));
    },
  };
}

/** Files of /proc and /sys have no extended attributes; `ls -l` asks. */
function withoutAttributes(name: SystemCall): CallDescriptor {
  return {
    name,
    when: 'always',
    handle: (call, supervisor) => {
      if (nodeAt(call, supervisor, AT_FDCWD, call.args[0]!) === null) call.proceed();
      else call.fail(EOPNOTSUPP);
    },
  };
}

function openat2(call: ProgramCall, supervisor: Supervisor): void {
  const { io } = supervisor.bench;
  // struct open_how: u64 flags first.
  if (!call.read(call.args[2]!, 8, io.address)) return call.proceed();
  open(call, supervisor, call.ints[0]!, call.args[1]!, io.view.getInt32(0, true));
}

function open(call: ProgramCall, supervisor: Supervisor, folder: number, path: number, flags: number): void {
  const text = absolutePath(call, supervisor, folder, path);
  if (text === null) return call.proceed();
  if (text === TUN) return openTun(call, supervisor, flags);
  const file = (flags & O_NOFOLLOW) === 0 ? namespaceFile(call, supervisor, text) : null;
  if (file !== null) return openNamespace(call, supervisor, file, flags);
  const node = findNode(call, supervisor, text);
  if (node === null) return call.proceed();
  const { views, viewFiles, bench } = supervisor;
  viewFiles.settle();
  const kind = views.kind(node);
  if (kind === null) return node.root.whole ? call.fail(views.errorOf(node, (flags & O_CREAT) !== 0)) : call.proceed();
  if ((flags & O_CREAT) !== 0) {
    if (text.endsWith('/')) return call.fail(EISDIR);
    if ((flags & O_EXCL) !== 0) return call.fail(EEXIST);
  }
  if (kind === 'file' && ((flags & O_DIRECTORY) !== 0 || text.endsWith('/'))) return call.fail(ENOTDIR);
  const access = flags & O_ACCMODE;
  let fd: number;
  let at = -1;
  if (kind === 'folder' || (flags & O_PATH) !== 0) {
    if ((flags & O_PATH) === 0 && (access !== O_RDONLY || (flags & O_CREAT) !== 0)) return call.fail(EISDIR);
    const skeleton = views.skeleton(node) ?? '';
    fd = openForGift(supervisor, skeleton, flags);
  } else {
    const { netAdmin } = bench.credentialsOf(call.tid);
    if (!views.permits(node, access === O_RDONLY ? 4 : access === O_WRONLY ? 2 : 6, netAdmin)) return call.fail(EACCES);
    if (access === O_RDONLY) fd = viewFiles.openText(node);
    else {
      fd = viewFiles.openWriter(node, access !== O_WRONLY);
      at = viewFiles.judgedNumber(call.tid);
    }
  }
  call.give(fd, (flags & O_CLOEXEC) !== 0, at);
  bench.libc.close(fd);
}

/** The clone device of tun and tap: each opening is a queue that no device has yet. */
function openTun(call: ProgramCall, supervisor: Supervisor, flags: number): void {
  if ((flags & O_PATH) !== 0) return call.proceed();
  const { bench } = supervisor;
  const file = new TunFile(bench, supervisor.namespaceOf(call));
  try {
    const program = file.open(flags & O_NONBLOCK);
    const fd = call.give(program, (flags & O_CLOEXEC) !== 0);
    bench.libc.close(program);
    if (fd < 0) return file.close();
    file.tid = call.tid;
    file.fd = fd;
  } catch (error) {
    file.close();
    throw error;
  }
}

/** What is opened with O_PATH cannot be given away (seccomp_notify_addfd()): what serves where it would is open for reading, or for writing. */
function openForGift({ bench: { libc } }: Supervisor, file: string, flags: number): number {
  const fd = libc.open(file, (flags & O_DIRECTORY) | O_RDONLY | O_CLOEXEC, 0);
  return fd >= 0 || (flags & O_PATH) === 0 ? check(libc, fd) : check(libc, libc.open(file, O_WRONLY | O_CLOEXEC, 0));
}

function openNamespace(call: ProgramCall, supervisor: Supervisor, file: string, flags: number): void {
  if ((flags & O_PATH) === 0 && (flags & O_ACCMODE) !== O_RDONLY) return call.fail(EACCES);
  const { bench } = supervisor;
  const fd = openForGift(supervisor, file, flags);
  call.give(fd, (flags & O_CLOEXEC) !== 0);
  bench.libc.close(fd);
}

/** "net:[...]" for what is a namespace's, of a process or behind a descriptor. */
function readLink(call: ProgramCall, supervisor: Supervisor, at: LinkPlaces): void {
  const path = absolutePath(call, supervisor, at.folder === undefined ? AT_FDCWD : call.ints[at.folder]!, call.args[at.path]!);
  if (path === null) return call.proceed();
  if (!path.includes('/proc/')) return readView(call, supervisor, path, at);
  const [, word, fd] = DESCRIPTOR.exec(path) ?? [];
  const namespace =
    fd === undefined
      ? namespaceAt(call, supervisor, path)
      : supervisor.namespaceOfFile(/^\d/.test(word!) ? Number(word) : call.tid, Number(fd));
  const inode = namespace === undefined ? undefined : supervisor.files?.tokenOf(namespace)?.inode;
  if (inode === undefined) return readView(call, supervisor, path, at);
  answerLink(call, supervisor, `net:[${inode}]`, at);
}

function answerLink(call: ProgramCall, supervisor: Supervisor, link: string, at: LinkPlaces): void {
  const room = call.ints[at.size]!;
  if (room <= 0) return call.fail(EINVAL);
  const { io } = supervisor.bench;
  const text = new TextEncoder().encode(link).subarray(0, room);
  io.bytes.set(text);
  call.answer(call.copyOut(call.args[at.buffer]!, text.length, io.address) || text.length);
}

/** realpath() asks of every step whether it is a link: /proc/net is, what lies below the roots of views where its tree says so. */
function readView(call: ProgramCall, supervisor: Supervisor, path: string, at: LinkPlaces): void {
  const node = findNode(call, supervisor, path, false);
  if (node === null || node.path === '') return call.proceed();
  const text = node.root.tree.link?.(node.namespace, node.path) ?? null;
  if (text !== null) return answerLink(call, supervisor, text, at);
  if (supervisor.views.kind(node) !== null) return call.fail(EINVAL);
  if (node.root.whole) call.fail(ENOENT);
  else call.proceed();
}

const PROCESS = /^\/proc\/(self|thread-self|\d+)\/(?:task\/(\d+)\/)?ns\/net$/;
const DESCRIPTOR = /^\/proc\/(self|thread-self|\d+)\/fd\/(\d+)$/;

/** The namespace of the process whose /proc/PID/ns/net a path is; undefined: it is none, or that of a program that is not ours. */
function namespaceAt(call: ProgramCall, supervisor: Supervisor, path: string): Namespace | undefined {
  const [, word, thread] = PROCESS.exec(path) ?? [];
  if (word === undefined) return undefined;
  const pid = thread ?? word;
  return /^\d/.test(pid) ? supervisor.bench.names.ofProcess(Number(pid)) : supervisor.namespaceOf(call);
}

/** The file that stands for it. */
function namespaceFile(call: ProgramCall, supervisor: Supervisor, path: string): string | null {
  const namespace = namespaceAt(call, supervisor, path);
  return namespace === undefined ? null : (supervisor.files?.tokenOf(namespace)?.path ?? null);
}

/** What a path of the caller leads to; null: it is none of ours, or cannot be read. */
function nodeAt(call: ProgramCall, supervisor: Supervisor, folder: number, pointer: number): ViewNode | null {
  const path = absolutePath(call, supervisor, folder, pointer);
  return path === null ? null : findNode(call, supervisor, path);
}

function findNode(call: ProgramCall, supervisor: Supervisor, path: string, follows = true): ViewNode | null {
  const { names, stack } = supervisor.bench;
  return supervisor.views.find(
    path,
    (word) => (/^\d/.test(word) ? (names.ofProcess(Number(word)) ?? supervisor.namespaceOf(call)) : supervisor.namespaceOf(call)),
    (id) => stack.namespaces.get(id),
    follows,
  );
}

/** A path as far as it may be one of ours: null for the many that are not, which are told by their bytes. */
function absolutePath(call: ProgramCall, supervisor: Supervisor, folder: number, pointer: number): string | null {
  const { bytes, address } = supervisor.bench.io;
  const size = Math.min(PREFIX, PAGE - (pointer % PAGE));
  if (pointer === 0 || !call.read(pointer, size, address)) return null;
  if (bytes[0] === 0) return null;
  if (bytes[0] === SLASH) return mayBeOurs(bytes, size, supervisor.views.ownLetter) ? textAt(call, supervisor, pointer, size) : null;
  const base = baseOf(call, supervisor, folder);
  if (base === null) return null;
  const text = textAt(call, supervisor, pointer, size);
  return text === null ? null : `${base}/${text}`;
}

/** The text whose first `size` bytes lie in the transfer buffer; no path of ours is longer than two pages' ends allow. */
function textAt(call: ProgramCall, supervisor: Supervisor, pointer: number, size: number): string | null {
  const { io } = supervisor.bench;
  let end = io.bytes.subarray(0, size).indexOf(0);
  if (end < 0) {
    if (!call.read(pointer + size, PREFIX, io.address + size)) return null;
    end = io.bytes.subarray(0, size + PREFIX).indexOf(0);
    if (end < 0) return null;
  }
  return new TextDecoder().decode(io.bytes.subarray(0, end));
}

/** Where a relative path begins; null: nothing below is ours, or there is no such descriptor, as the kernel will say. */
function baseOf(call: ProgramCall, { bench, views }: Supervisor, folder: number): string | null {
  const { access, io } = bench;
  const link = folder === AT_FDCWD ? `/proc/${call.tid}/cwd` : `/proc/${call.tid}/fd/${folder}`;
  const length = access.readLink(link, io.address + FOLDER_AT, PAGE);
  if (length <= 0 || !mayHoldOurs(io.bytes, FOLDER_AT, length, views.ownLetter)) return null;
  const base = new TextDecoder().decode(io.bytes.subarray(FOLDER_AT, FOLDER_AT + length));
  return views.mayHold(base) ? base : null;
}
