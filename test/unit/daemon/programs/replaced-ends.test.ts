import { EAGAIN, EALREADY, EBADF, ECONNRESET, EINPROGRESS, EMFILE, ESRCH } from '../../../../src/base/errno.js';
import { NetError } from '../../../../src/base/net-error.js';
import { PacketSocket } from '../../../../src/daemon/programs/packet-socket.js';
import { type CallOwner, ProgramCall } from '../../../../src/daemon/programs/program-call.js';
import type { ProgramSocket } from '../../../../src/daemon/programs/program-socket.js';
import { StreamSocket } from '../../../../src/daemon/programs/stream-socket.js';
import { TunFile } from '../../../../src/daemon/programs/tun-file.js';
import type { Workbench } from '../../../../src/daemon/programs/workbench.js';
import type { SeccompListener } from '../../../../src/host/seccomp-listener.js';
import type { Namespace } from '../../../../src/net/core/namespace.js';
import { SocketAddress } from '../../../../src/net/core/socket.js';
import type { PacketSocket as StackPacketSocket } from '../../../../src/net/packet/packet-socket.js';
import { SOL_PACKET } from '../../../../src/net/packet/constants.js';
import { TCP_CLOSE, TCP_ESTABLISHED, TCP_SYN_SENT } from '../../../../src/net/tcp/constants.js';
import type { TcpSocket } from '../../../../src/net/tcp/socket.js';

const PROGRAM_FD = 5;
const nothing = () => undefined;

/** A bench whose descriptors are numbers, an odd inode a program's end; the program has what it was given last. */
function workbench() {
  const open = new Set<number>();
  let next = 100;
  const made = () => {
    open.add(++next);
    return next;
  };
  const program = { inode: -1, refuses: 0 };
  const listener = {
    addDescriptor: (_call: ProgramCall, fd: number) => {
      if (program.refuses !== 0) return -program.refuses;
      program.inode = fd;
      return PROGRAM_FD;
    },
    proceed: () => 0,
    respond: () => 0,
    isValid: () => true,
  } as unknown as SeccompListener;
  const bench = {
    full: false,
    sockets: new Map<number, ProgramSocket>(),
    detached: new Set<ProgramSocket>(),
    names: { hold: nothing, release: nothing },
    loop: { watch: nothing, unwatch: nothing },
    io: { address: 0, bytes: new Uint8Array(64) },
    memory: { address: 0 },
    libc: {
      close: (fd: number) => open.delete(fd),
      sendAt: () => 1,
      memfdCreate: made,
      ftruncate: () => 0,
      systemCall: () => 4096,
      memoryAt: (_address: number, size: number) => new Uint8Array(size),
    },
    stack: { timers: { cancel: nothing }, nowUs: 0, clock: { wallUs: () => 0, monotonicUs: () => 0 } },
    takesDescriptors: true,
    access: {
      take: () => {
        const fd = made();
        inodes.set(fd, program.inode);
        return fd;
      },
      ownInode: (fd: number) => inodes.get(fd) ?? fd,
      isNonblocking: () => false,
      closesOnExec: () => true,
    },
    pair() {
      if (this.full) throw new NetError(EMFILE);
      const inode = made();
      return { program: inode, ours: made(), inode };
    },
  };
  const inodes = new Map<number, number>();
  const owner = { access: bench.access, hold: nothing, remember: nothing } as unknown as CallOwner;
  const call = () => {
    const fresh = new ProgramCall(owner);
    fresh.listener = listener;
    fresh.ints[0] = PROGRAM_FD;
    return fresh;
  };
  return { bench, program, call, open, real: bench as unknown as Workbench };
}

/** A socket whose end shows an error, and the program that has it. */
function brokenSocket() {
  const all = workbench();
  const file = new TunFile(all.real, {} as Namespace);
  const end = file.open(0);
  all.program.inode = end;
  all.bench.libc.close(end);
  expect(file.breakEnd()).toBe(true);
  expect(all.open.size).toBe(0);
  return { ...all, file, end };
}

test.each([
  ['a signal comes first', ESRCH, true],
  ['it may no longer have so many', EBADF, false],
])('a broken end whose program does not take the new one, since %s, is replaced at the next call', (_why, errno, over) => {
  const { bench, program, call, open, file, end } = brokenSocket();
  program.refuses = errno;
  const first = call();
  file.settle(first, PROGRAM_FD);
  expect({ over: first.done, inode: file.inode, open: open.size }).toEqual({ over, inode: end, open: 0 });
  expect([...bench.sockets.keys()]).toEqual([end]);
  program.refuses = 0;
  const second = call();
  file.settle(second, PROGRAM_FD);
  expect({ over: second.done, inode: program.inode, open: open.size }).toEqual({ over: false, inode: file.inode, open: 1 });
  expect([...bench.sockets.keys()]).toEqual([file.inode]);
  expect(file.inode).not.toBe(end);
});

test('a broken end stays as it is while there are no descriptors for another', () => {
  const { bench, call, file, end } = brokenSocket();
  bench.full = true;
  expect(() => file.settle(call(), PROGRAM_FD)).toThrow(NetError);
  expect([...bench.sockets.keys()]).toEqual([end]);
  bench.full = false;
  file.settle(call(), PROGRAM_FD);
  expect([...bench.sockets.keys()]).toEqual([file.inode]);
});

/** A packet socket with a ring of one page. */
function ringSocket() {
  const all = workbench();
  const stackSocket = { receive: () => -EAGAIN, type: 3 } as unknown as StackPacketSocket;
  const socket = new PacketSocket(all.real, {} as Namespace, stackSocket);
  const end = socket.open(0);
  all.program.inode = end;
  all.bench.libc.close(end);
  const request = new Uint32Array([4096, 1, 2048, 2]);
  const setting = all.call();
  socket.setOption(setting, SOL_PACKET, 5, new Uint8Array(request.buffer));
  expect(setting.errno).toBe(0);
  const mapping = all.call();
  mapping.ints[4] = PROGRAM_FD;
  return { ...all, socket, end, mapping };
}

test('a ring that a signal comes in front of is mapped by the next mmap()', () => {
  const { program, call, open, socket, end, mapping } = ringSocket();
  const before = open.size;
  program.refuses = ESRCH;
  socket.map(mapping);
  expect({ over: mapping.done, inode: program.inode, open: open.size }).toEqual({ over: true, inode: end, open: before });
  program.refuses = 0;
  const again = call();
  again.ints[4] = PROGRAM_FD;
  socket.map(again);
  expect(program.inode).not.toBe(end);
});

test('a packet socket that a signal keeps from coming back behind its ring comes back at the next call', () => {
  const { program, call, open, socket, mapping } = ringSocket();
  const before = open.size;
  socket.map(mapping);
  expect(open.size).toBe(before + 1);
  const ring = program.inode;
  program.refuses = ESRCH;
  const first = call();
  socket.settle(first, PROGRAM_FD);
  expect({ over: first.done, inode: program.inode, open: open.size }).toEqual({ over: true, inode: ring, open: before + 1 });
  program.refuses = 0;
  socket.settle(call(), PROGRAM_FD);
  expect(program.inode).not.toBe(ring);
  expect(open.size).toBe(before);
});

/** A stream whose connection was reset, at a socket of the stack that does what `tcp` says. */
function resetStream() {
  const all = workbench();
  const tcp = {
    state: TCP_SYN_SENT,
    answer: -EINPROGRESS,
    pendingError: 0,
    sendTimeoutMs: 0,
    remote: new SocketAddress(),
    connect: () => tcp.answer,
    poll: () => 0,
    segmentAt: () => null,
    peekAt: () => 0,
    urgentState: 0,
    onReady: nothing,
  };
  const stream = new StreamSocket(all.real, {} as Namespace, tcp as unknown as TcpSocket, false);
  stream.addressOf = () => new SocketAddress();
  const end = stream.open(0);
  all.program.inode = end;
  all.bench.libc.close(end);
  const connecting = all.call();
  stream.connect(connecting);
  Object.assign(tcp, { state: TCP_ESTABLISHED, answer: 0 });
  tcp.onReady();
  expect([connecting.done, connecting.errno]).toEqual([true, 0]);
  Object.assign(tcp, { state: TCP_CLOSE, pendingError: ECONNRESET });
  tcp.onReady();
  expect(all.open.size).toBe(0);
  Object.assign(tcp, { state: TCP_SYN_SENT, answer: -EINPROGRESS, pendingError: 0 });
  return { ...all, tcp, stream, end };
}

test('a connect() whose new end a signal comes in front of goes on, and is waited for by the next one', () => {
  const { bench, program, call, open, tcp, stream, end } = resetStream();
  program.refuses = ESRCH;
  const first = call();
  stream.settle(first, PROGRAM_FD);
  stream.connect(first);
  expect({ over: first.done, errno: first.errno, inode: stream.inode, open: open.size }).toEqual({
    over: true,
    errno: 0,
    inode: end,
    open: 0,
  });
  program.refuses = 0;
  tcp.answer = -EALREADY;
  const second = call();
  stream.settle(second, PROGRAM_FD);
  expect([...bench.sockets.keys()]).toEqual([program.inode]);
  stream.connect(second);
  expect(second.done).toBe(false);
  Object.assign(tcp, { state: TCP_ESTABLISHED, answer: 0 });
  tcp.onReady();
  expect([second.done, second.errno, open.size]).toEqual([true, 0, 1]);
});

test('a program finds a connection refused whose new end a signal came in front of', () => {
  const { program, call, tcp, stream, end } = resetStream();
  program.refuses = ESRCH;
  stream.connect(call());
  program.refuses = 0;
  Object.assign(tcp, { state: TCP_CLOSE, answer: -ECONNRESET });
  const next = call();
  stream.settle(next, PROGRAM_FD);
  stream.connect(next);
  expect({ errno: next.errno, inode: stream.inode }).toEqual({ errno: ECONNRESET, inode: end });
});
