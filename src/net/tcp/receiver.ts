import * as wire from '../../wire/tcp.js';
import { DropReason } from '../core/drop-reason.js';
import { passesFilter } from '../core/filter-input.js';
import { PACKET_HOST, type PacketBuffer } from '../core/packet-buffer.js';
import { TCP_LISTEN } from './constants.js';
import { type ConnectionKey, ENDPOINT_REQUEST, ENDPOINT_SOCKET } from './demux.js';
import { requestSegment } from './handshake.js';
import { icmpError } from './icmp-error.js';
import { socketSegment } from './input.js';
import { listenSegment } from './listen.js';
import { md5Rejects } from './md5.js';
import { sendReset } from './reply.js';
import { seqAdd } from './sequence.js';
import { reusedIsn, TIME_WAIT_NEW_SYN, timeWaitSegment } from './time-wait.js';
import { cookieSegment } from './syn-cookies.js';
import type { Tcb } from './tcb.js';
import type { TcpReceiver, TcpTransport } from './transport.js';
import { boundDeviceFits } from '../core/l3mdev.js';
import { steer } from '../core/reuseport-group.js';
import type { Tcp } from './tcp.js';

/** Everything that comes up from an internet layer (tcp_v4_rcv()). */
export const receiver: TcpReceiver = { segment, icmpError };

function segment(transport: TcpTransport, skb: PacketBuffer): void {
  const tcp = transport.tcp;
  const stats = tcp.stats;
  const stack = tcp.stack;
  if (skb.packetType !== PACKET_HOST) {
    stack.drop(skb, DropReason.OTHERHOST);
    return;
  }
  stats.InSegs += skb.gsoSegments === 0 ? 1 : skb.gsoSegments;
  const v = skb.view;
  const at = skb.data;
  if (!wire.check(v, at, skb.length)) {
    stats.InErrs++;
    stack.drop(skb, DropReason.PKT_TOO_SMALL);
    return;
  }
  const key = tcp.key;
  transport.readAddresses(v, skb.networkHeader, true, key);
  key.remotePort = wire.sourcePort(v, at);
  key.localPort = wire.destinationPort(v, at);
  if (!transport.checksumHolds(skb, key)) {
    stats.InCsumErrors++;
    stats.InErrs++;
    stack.drop(skb, DropReason.TCP_CSUM);
    return;
  }
  tcp.options.parse(v, at, wire.headerBytes(v, at), (wire.flags(v, at) & wire.SYN) !== 0);
  key.domain = skb.sdif === 0 ? 0 : skb.iif;
  const acceptsAny = tcp.settings.l3mdevAccept !== 0;
  let endpoint = tcp.endpoints.find(key);
  if (endpoint === null && key.domain !== 0 && acceptsAny) {
    // A connection that is bound to nothing.
    const { domain } = key;
    key.domain = 0;
    endpoint = tcp.endpoints.find(key);
    if (endpoint === null) key.domain = domain;
  }
  if (endpoint === null) toListener(transport, skb, key, 0);
  else if (endpoint.kind === ENDPOINT_SOCKET) {
    if (!boundDeviceFits(endpoint.boundIfindex, skb.iif, skb.sdif, acceptsAny)) toListener(transport, skb, key, 0);
    else if (endpoint.minTtl > 0 && transport.hopLimit(skb) < endpoint.minTtl) {
      stats.TCPMinTTLDrop++;
      stack.drop(skb, DropReason.TCP_MINTTL);
    } else if (!md5Rejects(tcp, transport, endpoint.md5Keys, skb) && passes(endpoint, skb)) {
      socketSegment(endpoint, transport, skb, key, endOf(skb));
    }
  } else if (endpoint.kind === ENDPOINT_REQUEST) {
    if (endpoint.listener.state !== TCP_LISTEN) toListener(transport, skb, key, 0);
    else if (!md5Rejects(tcp, transport, endpoint.listener.md5Keys, skb) && passes(endpoint.listener, skb))
      requestSegment(endpoint, transport, skb, key, endOf(skb));
  } else if (timeWaitSegment(endpoint, skb, key, endOf(skb)) === TIME_WAIT_NEW_SYN) {
    const isn = reusedIsn(endpoint);
    if (tcp.listeners.find(key, skb.iif, skb.sdif, acceptsAny) === null) {
      stack.drop(skb, DropReason.NO_SOCKET);
      return;
    }
    endpoint.end();
    toListener(transport, skb, key, isn);
  }
}

/** The sequence number behind the last byte, SYN and FIN counted. */
function endOf(skb: PacketBuffer): number {
  const { view: v, data: at } = skb;
  const flags = wire.flags(v, at);
  const length = skb.length - wire.headerBytes(v, at) + ((flags & wire.SYN) >> 1) + (flags & wire.FIN);
  return seqAdd(wire.sequence(v, at), length);
}

/** Whether the filter of a socket lets a segment pass, which may lose bytes by it. False: it is dropped. Linux: tcp_filter() */
function passes({ filter, tcp }: Tcb, skb: PacketBuffer): boolean {
  if (filter === null || passesFilter(filter, skb, skb.data, wire.headerBytes(skb.view, skb.data))) return true;
  tcp.stack.drop(skb, DropReason.SOCKET_FILTER);
  return false;
}

/** The listener for a segment, of a SO_REUSEPORT group the one that its program says. */
function chosenListener(tcp: Tcp, skb: PacketBuffer, key: ConnectionKey): Tcb | null {
  const found = tcp.listeners.find(key, skb.iif, skb.sdif, tcp.settings.l3mdevAccept !== 0);
  return found === null ? null : steer(found, skb, skb.data + wire.headerBytes(skb.view, skb.data));
}

/** No connection has the addresses: a listener may want it, else it is reset (RFC 9293 3.10.7.1). */
function toListener(transport: TcpTransport, skb: PacketBuffer, key: ConnectionKey, isn: number): void {
  const tcp = transport.tcp;
  // One that rules chose (tproxy) takes what is for others. Linux: skb_steal_sock()
  const assigned = skb.socket as Tcb | null;
  skb.socket = null;
  const listener = assigned !== null && assigned.state === TCP_LISTEN ? assigned : chosenListener(tcp, skb, key);
  if (listener === null) {
    sendReset(transport, skb, key);
    tcp.stack.drop(skb, DropReason.NO_SOCKET);
    return;
  }
  if (listener.minTtl > 0 && transport.hopLimit(skb) < listener.minTtl) {
    tcp.stats.TCPMinTTLDrop++;
    tcp.stack.drop(skb, DropReason.TCP_MINTTL);
    return;
  }
  if (md5Rejects(tcp, transport, listener.md5Keys, skb) || !passes(listener, skb)) return;
  if (!cookieSegment(listener, transport, skb, key, endOf(skb))) listenSegment(listener, transport, skb, key, isn);
}
