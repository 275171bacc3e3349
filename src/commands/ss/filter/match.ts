import { AF_INET, AF_INET6, AF_NETLINK, AF_PACKET, AF_UNIX } from '../../../netlink/constants.js';
import { sameBits } from '../../shared/address.js';
import { globMatches } from '../../shared/glob.js';
import type { Expression, HostCondition, Side, SocketSeen } from './expression.js';

/** Whether a socket fits. The kernel has sorted out most already; of what it cannot judge this is the only judge. */
export function matches(expression: Expression, socket: SocketSeen): boolean {
  switch (expression.kind) {
    case 'and':
      return matches(expression.left, socket) && matches(expression.right, socket);
    case 'or':
      return matches(expression.left, socket) || matches(expression.right, socket);
    case 'not':
      return !matches(expression.of, socket);
    case 'host':
      return expression.hosts.some((host) => hostMatches(host, socket, expression.side));
    case 'atLeast':
      return (expression.side === 'local' ? socket.localPort : socket.peerPort) >= expression.port;
    case 'atMost':
      return (expression.side === 'local' ? socket.localPort : socket.peerPort) <= expression.port;
    case 'device':
      return socket.ifindex === expression.ifindex;
    case 'mark':
      return (socket.mark & expression.mask) >>> 0 === expression.mark;
    case 'cgroup':
      return socket.cgroupId === expression.id;
    default:
      return socket.family === AF_UNIX ? /^@[0-9a-f]{5}$/.test(socket.name ?? '') : socket.ephemeral;
  }
}

function hostMatches(host: HostCondition, socket: SocketSeen, side: Side): boolean {
  const address = side === 'local' ? socket.local : socket.peer;
  const port = side === 'local' ? socket.localPort : socket.peerPort;
  if (host.family === AF_UNIX || host.pattern !== undefined) {
    const name = side === 'local' ? socket.name : socket.peerName;
    return socket.family === AF_UNIX && globMatches((host.pattern ?? '').toLowerCase(), (name ?? '').toLowerCase());
  }
  if (host.port !== -1 && host.port !== port) return false;
  if (host.family === AF_PACKET || host.family === AF_NETLINK)
    return socket.family === host.family && side === 'local' && (host.bits === 0 || host.protocol === socket.protocol);
  if (host.bits === 0) return true;
  if (host.family === socket.family) return sameBits(host.address, address, host.bits);
  // An IPv4 address fits the mapped one of an IPv6 socket.
  return (
    socket.family === AF_INET6 && host.family === AF_INET && isMapped(address) && sameBits(host.address, address.subarray(12), host.bits)
  );
}

function isMapped(address: Uint8Array): boolean {
  for (let i = 0; i < 10; i++) if (address[i] !== 0) return false;
  return address[10] === 0xff && address[11] === 0xff;
}
