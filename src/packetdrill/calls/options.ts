import { EBADF, EINVAL, ENOTTY } from '../../base/errno.js';
import { readInt } from '../../net/core/socket-options.js';
import { atMark } from '../../net/tcp/urgent.js';
import { readableBytes } from '../../net/tcp/user-receive.js';
import { Tcb } from '../../net/tcp/tcb.js';
import type { Expression } from '../language/ast.js';
import { describe, field, fields, integer, isEllipsis, list, stringBytes } from './arguments.js';
import { onSocket } from './connections.js';
import { SocketDescriptor } from './descriptors.js';
import { type CallHandler, done, refuse } from './machine.js';
import { seqDiff } from '../../net/tcp/sequence.js';

const O_RDWR = 2;
const O_NONBLOCK = 0o4000;
const F_GETFD = 1;
const F_SETFD = 2;
const F_GETFL = 3;
const F_SETFL = 4;
const SIOCINQ = 0x541b;
const SIOCOUTQ = 0x5411;
const SIOCOUTQNSD = 0x894b;
const SIOCATMARK = 0x8905;
const FIONBIO = 0x5421;
const SOL_SOCKET = 1;
const SO_RCVTIMEO = 20;
const SO_SNDTIMEO = 21;

/** Little-endian 32-bit words. */
function wordBytes(...values: readonly number[]): Uint8Array {
  const bytes = new Uint8Array(4 * values.length);
  const v = new DataView(bytes.buffer);
  for (const [i, value] of values.entries()) v.setInt32(4 * i, value | 0, true);
  return bytes;
}

/** The bytes of a written option value. */
function valueBytes(level: number, option: number, value: Expression | undefined): Uint8Array {
  switch (value?.kind) {
    case 'string':
      return stringBytes(value.text);
    case 'list': {
      const numbers = value.items.map((item) => (item.kind === 'ellipsis' ? 0 : integer(item, 'option value')));
      return level === SOL_SOCKET && (option === SO_RCVTIMEO || option === SO_SNDTIMEO) && numbers.length === 2
        ? wordBytes(numbers[0]!, 0, numbers[1]!, 0)
        : wordBytes(...numbers);
    }
    case 'struct': {
      const onoff = field(value.fields, 'onoff');
      if (onoff !== undefined) return wordBytes(integer(onoff), integer(field(value.fields, 'linger'), 'linger'));
      const seconds = field(value.fields, 'tv_sec');
      if (seconds !== undefined) return wordBytes(integer(seconds), 0, integer(field(value.fields, 'tv_usec'), 'tv_usec'), 0);
      return refuse('unsupported structure as option value');
    }
    case 'integer':
    case 'word':
    case 'or':
      return wordBytes(integer(value, 'option value'));
    default:
      return refuse(`unsupported option value: ${describe(value)}`);
  }
}

const setsockopt = onSocket(({ args }, { socket }) => {
  const level = integer(args[1], 'level');
  const option = integer(args[2], 'option');
  const bytes = valueBytes(level, option, args[3]);
  const length = args[4] === undefined || args[4].kind === 'ellipsis' ? bytes.length : integer(args[4], 'option length');
  const value = new Uint8Array(Math.max(0, Math.min(length, 0x10000)));
  value.set(bytes.subarray(0, value.length));
  return done(socket.setOption(level, option, value));
});

const getsockopt = onSocket(({ args }, { socket }) => {
  const level = integer(args[1], 'level');
  const option = integer(args[2], 'option');
  const value = socket.getOption(level, option);
  if (typeof value === 'number') return done(value);
  return done(0, checkValue(args[3], value) ?? checkLength(args[4], value));
});

/** What differs between the value expected and the bytes that the stack gave. */
function checkValue(expected: Expression | undefined, actual: Uint8Array): string | null {
  if (isEllipsis(expected)) return null;
  if (expected!.kind === 'string') {
    const text = String.fromCharCode(...actual).replace(/\0+$/, '');
    const wanted = (expected as { text: string }).text;
    return text === wanted || String.fromCharCode(...actual) === wanted
      ? null
      : `bad getsockopt value: expected: ${JSON.stringify(wanted)} vs actual: ${JSON.stringify(text)}`;
  }
  if (expected!.kind === 'struct') {
    const all = fields(expected, 'option value');
    const linger = [field(all, 'onoff'), field(all, 'linger')].map((one) => integer(one, 'linger'));
    const got = [readInt(actual), readInt(actual.subarray(4))];
    return linger.every((number, i) => number === got[i])
      ? null
      : `bad getsockopt value: expected: {onoff=${linger[0]}, linger=${linger[1]}} vs actual: {onoff=${got[0]}, linger=${got[1]}}`;
  }
  for (const [i, item] of list(expected, 'option value').entries()) {
    if (item.kind === 'ellipsis') continue;
    const wanted = integer(item, 'option value');
    if (actual.length < 4 * i + 4) {
      const byte = actual.length === 0 ? 0 : actual[0]!;
      if (i === 0 && byte === wanted) continue;
      return `bad getsockopt value: expected: ${wanted} vs actual: ${actual.length} bytes`;
    }
    const got = readInt(actual.subarray(4 * i));
    if (wanted !== got && wanted !== got >>> 0) return `bad getsockopt value: expected: ${wanted} vs actual: ${got}`;
  }
  return null;
}

function checkLength(expected: Expression | undefined, actual: Uint8Array): string | null {
  if (isEllipsis(expected) || expected!.kind !== 'list') return null;
  const [item] = list(expected);
  if (item === undefined || item.kind === 'ellipsis') return null;
  const wanted = integer(item, 'option length');
  // What is asked for with less room is cut to it.
  return wanted <= actual.length ? null : `bad getsockopt length: expected: ${wanted} vs actual: ${actual.length}`;
}

const fcntl: CallHandler = ({ machine, args }) => {
  const descriptor = machine.descriptor(args[0]);
  if (descriptor === undefined) return done(-EBADF);
  switch (integer(args[1], 'fcntl command')) {
    case F_GETFL:
      return done(O_RDWR | (descriptor.nonblocking ? O_NONBLOCK : 0));
    case F_SETFL:
      descriptor.nonblocking = (integer(args[2], 'flags') & O_NONBLOCK) !== 0;
      return done(0);
    case F_GETFD:
      return done(descriptor.closeOnExec ? 1 : 0);
    case F_SETFD:
      descriptor.closeOnExec = (integer(args[2], 'flags') & 1) !== 0;
      return done(0);
    default:
      return done(-EINVAL);
  }
};

const ioctl: CallHandler = ({ machine, args }) => {
  const descriptor = machine.descriptor(args[0]);
  if (descriptor === undefined) return done(-EBADF);
  const command = integer(args[1], 'ioctl command');
  if (command === FIONBIO) {
    descriptor.nonblocking = integer(list(args[2])[0]) !== 0;
    return done(0);
  }
  const value = descriptor instanceof SocketDescriptor ? queueBytes(descriptor.socket as unknown, command) : -ENOTTY;
  if (value < 0) return done(value);
  const [expected] = list(args[2], 'ioctl argument');
  const wanted = isEllipsis(expected) ? value : integer(expected, 'ioctl argument');
  return done(0, wanted === value ? null : `bad ioctl value: expected: ${wanted} vs actual: ${value}`);
};

function queueBytes(socket: unknown, command: number): number {
  if (!(socket instanceof Tcb)) return -ENOTTY;
  if (command === SIOCINQ) return readableBytes(socket);
  if (command === SIOCOUTQ) return socket.state === 2 || socket.state === 3 ? 0 : Math.max(0, seqDiff(socket.writeSeq, socket.sndUna));
  if (command === SIOCOUTQNSD) return Math.max(0, seqDiff(socket.writeSeq, socket.sndNxt));
  if (command === SIOCATMARK) return atMark(socket) ? 1 : 0;
  return -ENOTTY;
}

export const optionCalls: readonly (readonly [string, CallHandler])[] = [
  ['setsockopt', setsockopt],
  ['getsockopt', getsockopt],
  ['fcntl', fcntl],
  ['ioctl', ioctl],
];
