import { EAGAIN, EALREADY, EBADF, EINPROGRESS, ENOTSOCK } from '../../base/errno.js';
import { NetError } from '../../base/net-error.js';
import { AF_INET, AF_INET6, AF_UNSPEC } from '../../netlink/constants.js';
import type { Socket } from '../../net/core/socket.js';
import { createSocket } from '../../control/tapstack/create-socket.js';
import { Connection } from '../connection.js';
import { endpointOf, readAddress } from './addresses.js';
import { integer, integerOr, isEllipsis } from './arguments.js';
import { type Descriptor, SocketDescriptor } from './descriptors.js';
import { type Attempt, type Call, type CallHandler, done, type Machine } from './machine.js';
import { blocks, deadline } from './waiting.js';

const SOCK_TYPE_MASK = 0xf;
const SOCK_NONBLOCK = 0o4000;
const SOCK_CLOEXEC = 0o2000000;
const ROOT = { uid: 0, gid: 0, pid: 0, netAdmin: true };

/** The socket of an argument; a number: the negative errno of what is none. */
export function socketOf(call: Call, index = 0): SocketDescriptor | number {
  const descriptor: Descriptor | undefined = call.machine.descriptor(call.args[index]);
  if (descriptor === undefined) return -EBADF;
  return descriptor instanceof SocketDescriptor ? descriptor : -ENOTSOCK;
}

/** A call on a socket. */
export const onSocket =
  (handle: (call: Call, descriptor: SocketDescriptor) => Attempt): CallHandler =>
  (call) => {
    const descriptor = socketOf(call);
    return typeof descriptor === 'number' ? done(descriptor) : handle(call, descriptor);
  };

const socket: CallHandler = ({ machine, args, result }) => {
  const domain = integerOr(args[0], machine.config.ipVersion === 'ipv4' ? AF_INET : AF_INET6, 'domain');
  const flags = integer(args[1], 'type');
  const protocol = integerOr(args[2], 0, 'protocol');
  let made: Socket;
  try {
    made = createSocket(machine.world.namespace, domain, flags & SOCK_TYPE_MASK, protocol, ROOT);
  } catch (error) {
    if (!(error instanceof NetError)) throw error;
    return done(-error.errno);
  }
  const connection = new Connection(made.protocol);
  machine.current = connection;
  const descriptor = new SocketDescriptor(made, connection);
  descriptor.nonblocking = (flags & SOCK_NONBLOCK) !== 0;
  descriptor.closeOnExec = (flags & SOCK_CLOEXEC) !== 0;
  const { value, problem } = machine.open(result, descriptor);
  return done(value, problem ?? null);
};

const bind = onSocket(({ machine, args }, { socket: bound }) => {
  const open = { address: machine.config.local, port: machine.config.bindPort };
  return done(bound.bind(readAddress(machine, args[1], open)));
});

const listen = onSocket(({ args }, descriptor) => {
  const value = descriptor.socket.listen(integer(args[1], 'backlog'));
  if (value === 0 && descriptor.connection !== null) descriptor.connection.state = 'listening';
  return done(value);
});

/** Says of the connection, before its SYN leaves, where it goes. */
export function connecting(machine: Machine, descriptor: SocketDescriptor, to: ReturnType<typeof readAddress>): void {
  if (descriptor.connection === null || to.family === AF_UNSPEC) return;
  // Its former connection was dissolved: the numbers of the next one are others.
  if (descriptor.connection.dissolved) descriptor.connection = new Connection(descriptor.socket.protocol);
  const { connection } = descriptor;
  if (connection.state !== 'new' && connection.state !== 'listening') return;
  connection.state = 'connecting';
  connection.remote = endpointOf(to);
  machine.current = connection;
}

const connect = onSocket(({ machine, args }, descriptor) => {
  const open = { address: machine.config.remote, port: machine.config.connectPort };
  const address = readAddress(machine, args[1], open);
  connecting(machine, descriptor, address);
  const waits = blocks(descriptor, 0);
  const deadlineUs = deadline(machine, descriptor, 'send');
  let begun = false;
  return {
    deadlineUs,
    try() {
      const value = descriptor.socket.connect(address);
      if (value === 0 && address.family === AF_UNSPEC && descriptor.connection !== null) descriptor.connection.dissolved = true;
      if (waits && (value === -EINPROGRESS || (begun && value === -EALREADY))) {
        begun = true;
        return machine.nowUs >= deadlineUs ? { value: -EINPROGRESS } : null;
      }
      return { value };
    },
  };
});

const accept =
  (flagsAt: number): CallHandler =>
  (call) => {
    const { machine, result, args } = call;
    const descriptor = socketOf(call);
    if (typeof descriptor === 'number') return done(descriptor);
    const flags = flagsAt < 0 ? 0 : integerOr(args[flagsAt], 0, 'flags');
    const deadlineUs = deadline(machine, descriptor, 'receive');
    const waits = blocks(descriptor, 0);
    return {
      deadlineUs,
      try() {
        const child = descriptor.socket.accept();
        if (typeof child !== 'number') {
          const accepted = new SocketDescriptor(child, claim(machine, child));
          accepted.nonblocking = (flags & SOCK_NONBLOCK) !== 0;
          return machine.open(result, accepted);
        }
        if (child !== -EAGAIN || !waits || machine.nowUs >= deadlineUs) return { value: child };
        return null;
      },
    };
  };

/** The connection that an accepted socket is the end of. */
function claim(machine: Machine, child: Socket): Connection | null {
  const index = machine.arrived.findIndex(({ remote }) => remote.port === child.remote.port);
  return index < 0 ? null : machine.arrived.splice(index, 1)[0]!;
}

const shutdown = onSocket(({ args }, descriptor) => done(descriptor.socket.shutdown(integer(args[1], 'how'))));

const close: CallHandler = ({ machine, args }) => done(machine.close(integer(args[0], 'file descriptor')) ? 0 : -EBADF);

const name =
  (peer: boolean): CallHandler =>
  (call) => {
    const descriptor = socketOf(call);
    if (typeof descriptor === 'number') return done(descriptor);
    if (isEllipsis(call.args[1])) return done(0);
    const { local, remote } = descriptor.socket;
    const actual = endpointOf(peer ? remote : local);
    const { machine } = call;
    const expected = endpointOf(readAddress(machine, call.args[1], actual));
    const same = actual.port === expected.port && actual.address.every((byte, i) => byte === expected.address[i]);
    return done(0, same ? null : `address: expected port ${expected.port} vs actual port ${actual.port}`);
  };

export const connectionCalls: readonly (readonly [string, CallHandler])[] = [
  ['socket', socket],
  ['bind', bind],
  ['listen', listen],
  ['connect', connect],
  ['accept', accept(-1)],
  ['accept4', accept(3)],
  ['shutdown', shutdown],
  ['close', close],
  ['getsockname', name(false)],
  ['getpeername', name(true)],
];
