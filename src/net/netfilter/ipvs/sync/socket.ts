import { fail } from '../../../../base/net-error.js';
import { AF_INET, AF_INET6 } from '../../../../netlink/constants.js';
import type { NetDevice } from '../../../core/device.js';
import { SocketAddress } from '../../../core/socket.js';
import type { UdpSocket } from '../../../udp/udp-socket.js';
import type { Ipvs } from '../ipvs.js';
import type { DaemonConfig } from './daemons.js';

const IPPROTO_IP = 0;
const IP_ADD_MEMBERSHIP = 35;
const IPPROTO_IPV6 = 41;
const IPV6_ADD_MEMBERSHIP = 20;

/** The group and port of a daemon, as sockets take them. */
export function groupAddress(config: DaemonConfig): SocketAddress {
  const address = new SocketAddress();
  address.family = config.sixGroup ? AF_INET6 : AF_INET;
  address.port = config.port;
  if (config.sixGroup) address.words.set(config.group);
  else address.words.set([0, 0, 0xffff, config.group[0]!]);
  return address;
}

/** The socket that a master sends by. The errno of what fails. Linux: make_send_sock() */
export function sendingSocket(ipvs: Ipvs, config: DaemonConfig, device: NetDevice): UdpSocket {
  const socket = open(ipvs, config);
  socket.multicastIfindex = device.ifindex;
  socket.multicastLoop = false;
  socket.multicastTtl = config.ttl;
  socket.boundIfindex = config.sixGroup ? device.ifindex : 0;
  return ready(socket, socket.connect(groupAddress(config)));
}

/** The socket that a backup listens on. Linux: make_receive_sock() */
export function receivingSocket(ipvs: Ipvs, config: DaemonConfig, device: NetDevice): UdpSocket {
  const socket = open(ipvs, config);
  socket.reuseAddress = true;
  socket.boundIfindex = device.ifindex;
  ready(socket, socket.bind(groupAddress(config)));
  return ready(socket, join(socket, config, device));
}

function open(ipvs: Ipvs, config: DaemonConfig): UdpSocket {
  const { syncSockSize } = ipvs.settings;
  const socket = ipvs.namespace.udp.createSocket(0, true, config.sixGroup ? AF_INET6 : AF_INET);
  if (syncSockSize > 0) {
    socket.sendBuffer = syncSockSize * 2;
    socket.receiveBuffer = syncSockSize * 2;
  }
  return socket;
}

function join(socket: UdpSocket, config: DaemonConfig, device: NetDevice): number {
  const request = new Uint8Array(config.sixGroup ? 20 : 12);
  const view = new DataView(request.buffer);
  if (config.sixGroup) {
    for (let i = 0; i < 4; i++) view.setUint32(4 * i, config.group[i]!);
    view.setInt32(16, device.ifindex, true);
    return socket.setOption(IPPROTO_IPV6, IPV6_ADD_MEMBERSHIP, request);
  }
  view.setUint32(0, config.group[0]!);
  view.setInt32(8, device.ifindex, true);
  return socket.setOption(IPPROTO_IP, IP_ADD_MEMBERSHIP, request);
}

function ready(socket: UdpSocket, result: number): UdpSocket {
  if (result >= 0) return socket;
  socket.close();
  return fail(-result);
}
