import { EAGAIN, EALREADY, EBADF, EFAULT, EINPROGRESS, EISCONN } from '../../base/errno.js';
import { InetSocket } from '../../net/core/inet-socket.js';
import {
  MSG_DONTWAIT,
  MSG_ERRQUEUE,
  MSG_MORE,
  MSG_PEEK,
  MSG_TRUNC,
  POLLERR,
  POLLHUP,
  POLLOUT,
  POLLRDHUP,
  ReceiveInfo,
  SOCK_STREAM,
} from '../../net/core/socket.js';
import { withControl } from '../../net/core/send-control.js';
import { Tcb } from '../../net/tcp/tcb.js';
import { atMark } from '../../net/tcp/urgent.js';
import type { Expression } from '../language/ast.js';
import { readAddress } from './addresses.js';
import { field, fields, integer, integerOr, isEllipsis, list, stringBytes } from './arguments.js';
import { connecting, onSocket } from './connections.js';
import { checkControl, controlBytes } from './control-messages.js';
import { type Descriptor, SocketDescriptor } from './descriptors.js';
import { type Attempt, type Call, type CallHandler, done, refuse } from './machine.js';
import { blocks, deadline, waiting } from './waiting.js';

const MSG_WAITALL = 0x100;
const MSG_FASTOPEN = 0x2000_0000;

/** Bytes that go out: zeros, or the string that is written there. */
function outBytes(buffer: Expression | undefined, length: number): Uint8Array {
  if (buffer?.kind !== 'string') return new Uint8Array(length);
  const bytes = new Uint8Array(length);
  bytes.set(stringBytes(buffer.text).subarray(0, length));
  return bytes;
}

/** Lengths of `[{..., 100}, {..., 200}]`. */
function vector(expression: Expression | undefined): readonly number[] {
  return list(expression, 'iovec').map((item) => {
    const [, length] = fields(item, 'iovec');
    return integer(length?.value ?? refuse('bad iovec: a length is missing'), 'iov_len');
  });
}

const total = (lengths: readonly number[]): number => lengths.reduce((sum, length) => sum + length, 0);

// -- reading -------------------------------------------------------------------------------------------------------------------

/** How much a read waits for: SO_RCVLOWAT, or all. */
function target(descriptor: Descriptor, length: number, flags: number): number {
  if ((flags & MSG_WAITALL) !== 0) return length;
  const low = descriptor instanceof SocketDescriptor && descriptor.socket instanceof InetSocket ? descriptor.socket.receiveLowWater : 1;
  return Math.min(Math.max(low, 1), length);
}

/** A read into NULL: EFAULT, where there is something to be read. */
function readNowhere(descriptor: Descriptor, flags: number): number {
  const count = descriptor.read(new Uint8Array(1), flags | MSG_PEEK);
  return count > 0 ? -EFAULT : count;
}

/** Reads into zeros; a stream that waits is read until there is as much as it waits for. */
function readAttempt(call: Call, descriptor: Descriptor, length: number, flags: number, buffer?: Expression): Attempt {
  if ((flags & MSG_TRUNC) === 0 && isNull(buffer, length))
    return waiting(call.machine, descriptor, flags, 'receive', () => readNowhere(descriptor, flags));
  const bytes = new Uint8Array(length);
  const wanted = target(descriptor, length, flags);
  const waits = blocks(descriptor, flags) && (flags & MSG_PEEK) === 0;
  let got = 0;
  const step = (): number => {
    const count = descriptor.read(bytes.subarray(got), flags);
    if (count <= 0) return got > 0 ? got : count;
    got += count;
    return got >= wanted || !waits ? got : step();
  };
  const attempt = waiting(call.machine, descriptor, flags, 'receive', () => {
    const value = step();
    return waits && value > 0 && value < wanted && !ended(descriptor) ? -EAGAIN : value;
  });
  if (buffer?.kind !== 'string') return attempt;
  const expected = stringBytes(buffer.text);
  return {
    deadlineUs: attempt.deadlineUs,
    try() {
      const outcome = attempt.try();
      if (outcome === null || outcome.value <= 0) return outcome;
      const same = expected.every((byte, i) => i >= outcome.value || bytes[i] === byte);
      return same ? outcome : { ...outcome, problem: `read: expected ${JSON.stringify(buffer.text)}, which is not what came` };
    },
  };
}

/** Nothing more will come: the peer has closed, or the connection failed. */
const ended = (descriptor: Descriptor): boolean => (descriptor.poll() & (POLLRDHUP | POLLHUP | POLLERR)) !== 0;

const onDescriptor =
  (handle: (call: Call, descriptor: Descriptor) => Attempt): CallHandler =>
  (call) => {
    const descriptor = call.machine.descriptor(call.args[0]);
    return descriptor === undefined ? done(-EBADF) : handle(call, descriptor);
  };

/** NULL where bytes are to be: the call fails once it would touch them. */
const isNull = (buffer: Expression | undefined, length: number): boolean => buffer?.kind === 'word' && buffer.name === 'NULL' && length > 0;

const read = onDescriptor((call, descriptor) => readAttempt(call, descriptor, integer(call.args[2], 'count'), 0, call.args[1]));

const readv = onDescriptor((call, descriptor) => readAttempt(call, descriptor, total(vector(call.args[1])), 0));

const recv = onSocket((call, descriptor) => {
  const { args } = call;
  return readAttempt(call, descriptor, integer(args[2], 'length'), integerOr(args[3], 0, 'flags'), args[1]);
});

const recvmsg = onSocket((call, descriptor) => {
  const message = fields(call.args[1], 'msghdr');
  const flags = integerOr(call.args[2], 0, 'flags');
  const bytes = new Uint8Array(total(vector(field(message, 'msg_iov'))));
  const info = new ReceiveInfo();
  const step = () => descriptor.socket.receive(bytes, 0, bytes.length, flags, info);
  // The error queue is looked at, never waited for.
  const way = (flags & MSG_ERRQUEUE) !== 0 ? MSG_DONTWAIT : flags;
  return waiting(call.machine, descriptor, way, 'receive', step, {
    check: (value) =>
      value < 0
        ? null
        : (checkFlags(field(message, 'msg_flags'), info) ??
          checkControl(field(message, 'msg_control'), info, descriptor.socket, call.machine)),
  });
});

function checkFlags(expected: Expression | undefined, info: ReceiveInfo): string | null {
  if (isEllipsis(expected)) return null;
  const wanted = integer(expected, 'msg_flags');
  return wanted === info.flags ? null : `bad msg_flags: expected: 0x${wanted.toString(16)} vs actual: 0x${info.flags.toString(16)}`;
}

// -- writing -------------------------------------------------------------------------------------------------------------------

/** Makes a send with what control messages say of it. */
type Control = (send: () => number) => number;

const NO_CONTROL: Control = (send) => send();

/** Writes all where it waits, else what fits. */
function writeAttempt(
  call: Call,
  descriptor: Descriptor,
  bytes: Uint8Array,
  flags: number,
  first?: () => number,
  control: Control = NO_CONTROL,
): Attempt {
  const waits = blocks(descriptor, flags);
  const stream = !(descriptor instanceof SocketDescriptor) || descriptor.socket.type === SOCK_STREAM;
  let sent = 0;
  let start = first;
  let full = false;
  return waiting(call.machine, descriptor, flags, 'send', () => {
    // Linux wakes who waits for memory once a third of the buffer is free.
    if (full && (descriptor.poll() & (POLLOUT | POLLERR | POLLHUP)) === 0) return -EAGAIN;
    for (;;) {
      const count = control(start ?? (() => descriptor.write(bytes.subarray(sent), flags)));
      start = undefined;
      if (count < 0) {
        // What has gone counts, unless there is more to wait for.
        if (sent > 0 && (count !== -EAGAIN || !waits)) return sent;
        full = stream && count === -EAGAIN;
        return count;
      }
      sent += count;
      if (sent >= bytes.length || !waits || !stream) return sent;
    }
  });
}

const write = onDescriptor((call, descriptor) => {
  const length = integer(call.args[2], 'count');
  if (isNull(call.args[1], length)) return done(-EFAULT);
  return writeAttempt(call, descriptor, outBytes(call.args[1], length), 0);
});

const writev = onDescriptor((call, descriptor) => writeAttempt(call, descriptor, new Uint8Array(total(vector(call.args[1]))), 0));

const send = onSocket((call, descriptor) => {
  const { args } = call;
  if (isNull(args[1], integer(args[2], 'length'))) return done(-EFAULT);
  return writeAttempt(call, descriptor, outBytes(args[1], integer(args[2], 'length')), integerOr(args[3], 0, 'flags'));
});

const sendto = onSocket((call, descriptor) => {
  const { args } = call;
  if (isNull(args[1], integer(args[2], 'length'))) return done(-EFAULT);
  return sendTo(call, descriptor, outBytes(args[1], integer(args[2], 'length')), integerOr(args[3], 0, 'flags'), args[4]);
});

/** send with an address: what connects by it (MSG_FASTOPEN) waits for the connection, then sends the rest. */
function sendTo(
  call: Call,
  descriptor: SocketDescriptor,
  bytes: Uint8Array,
  flags: number,
  to: Expression | undefined,
  control: Control = NO_CONTROL,
): Attempt {
  const { machine } = call;
  const { socket } = descriptor;
  const open = { address: machine.config.remote, port: machine.config.connectPort };
  const unconnected = descriptor.connection?.state === 'new';
  const opens = (flags & MSG_FASTOPEN) !== 0;
  const address = to?.kind === 'word' && to.name === 'NULL' ? null : to === undefined && !opens ? null : readAddress(machine, to, open);
  if (address !== null && (opens || (socket.type !== SOCK_STREAM && unconnected))) connecting(machine, descriptor, address);
  if (!opens) {
    // A stream that is connected has its peer already.
    const target = socket.type === SOCK_STREAM ? null : address;
    return writeAttempt(call, descriptor, bytes, flags, () => socket.send(bytes, 0, bytes.length, flags, target), control);
  }
  const waits = blocks(descriptor, flags);
  const deadlineUs = deadline(machine, descriptor, 'send');
  let sent = -1;
  return {
    deadlineUs,
    try() {
      if (sent < 0) {
        const value = control(() => socket.send(bytes, 0, bytes.length, flags, address));
        if (!waits || (value < 0 && value !== -EINPROGRESS)) return { value };
        sent = Math.max(0, value);
      }
      const state = socket.connect(address!);
      if (state === -EALREADY || state === -EINPROGRESS) return machine.nowUs >= deadlineUs ? { value: -EINPROGRESS } : null;
      if (state < 0 && state !== -EISCONN) return { value: state };
      while (sent < bytes.length) {
        const value = control(() => socket.send(bytes, sent, bytes.length - sent, flags & ~MSG_FASTOPEN, null));
        if (value === -EAGAIN) return null;
        if (value < 0) return { value: sent > 0 ? sent : value };
        sent += value;
      }
      return { value: sent };
    },
  };
}

const sendmsg = onSocket((call, descriptor) => {
  const message = fields(call.args[1], 'msghdr');
  const flags = integerOr(call.args[2], 0, 'flags');
  const lengths = vector(field(message, 'msg_iov'));
  const bytes = new Uint8Array(total(lengths));
  const { socket } = descriptor;
  const messages = controlBytes(field(message, 'msg_control'));
  const control: Control = (go) => withControl(socket, messages, 0, messages.byteLength, go);
  if ((flags & MSG_FASTOPEN) !== 0 || descriptor.socket.type !== SOCK_STREAM)
    return sendTo(call, descriptor, bytes, flags, field(message, 'msg_name'), control);
  if (socket instanceof Tcb) socket.zerocopyPieces = lengths.length > 1 ? lengths : null;
  return writeAttempt(call, descriptor, bytes, flags, undefined, control);
});

// -- from one file to another --------------------------------------------------------------------------------------------------

/** Linux: tcp_read_sock() never reads over urgent data. */
const stopsAtMark = (from: Descriptor): boolean => from instanceof SocketDescriptor && from.socket instanceof Tcb && atMark(from.socket);

/** Moves bytes from one to the other; a stretch that one side could not take stays. */
function move(from: Descriptor, to: Descriptor, length: number, flags: number): Attempt {
  let kept: Uint8Array = new Uint8Array(0);
  let moved = 0;
  return {
    deadlineUs: Number.POSITIVE_INFINITY,
    try() {
      for (;;) {
        if (kept.length === 0) {
          if (stopsAtMark(from)) return { value: moved };
          const bytes = new Uint8Array(length - moved);
          const count = from.read(bytes, 0);
          if (count <= 0) {
            if (count === -EAGAIN && moved === 0 && blocks(from, flags)) return null;
            return { value: moved > 0 ? moved : count };
          }
          kept = bytes.subarray(0, count);
        }
        const count = to.write(kept, moved + kept.length < length ? MSG_MORE : 0);
        if (count < 0) {
          if (count === -EAGAIN && blocks(to, flags)) return null;
          return { value: moved > 0 ? moved : count };
        }
        moved += count;
        kept = kept.subarray(count);
        if (moved >= length) return { value: moved };
      }
    },
  };
}

const SPLICE_F_NONBLOCK = 2;

const splice: CallHandler = (call) => {
  const { machine, args } = call;
  const from = machine.descriptor(args[0]);
  const to = machine.descriptor(args[2]);
  if (from === undefined || to === undefined) return done(-EBADF);
  const flags = (integerOr(args[5], 0, 'flags') & SPLICE_F_NONBLOCK) !== 0 ? MSG_DONTWAIT : 0;
  // One splice moves what there is at once, up to the length.
  return move(from, to, integer(args[4], 'length'), flags);
};

const sendfile: CallHandler = (call) => {
  const { machine, args } = call;
  const to = machine.descriptor(args[0]);
  const from = machine.descriptor(args[1]);
  return from === undefined || to === undefined ? done(-EBADF) : move(from, to, integer(args[3], 'count'), 0);
};

export const dataCalls: readonly (readonly [string, CallHandler])[] = [
  ['read', read],
  ['readv', readv],
  ['recv', recv],
  ['recvfrom', recv],
  ['recvmsg', recvmsg],
  ['write', write],
  ['writev', writev],
  ['send', send],
  ['sendto', sendto],
  ['sendmsg', sendmsg],
  ['splice', splice],
  ['sendfile', sendfile],
];
