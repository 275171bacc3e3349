import { AF_INET6 } from '../../netlink/constants.js';
import * as ip6 from '../../wire/ipv6.js';
import * as wire from '../../wire/tcp.js';
import { LABEL_BY_NAMESPACE } from '../core/internet.js';
import type { PacketBuffer } from '../core/packet-buffer.js';
import { REFLECT_RESET } from '../ipv6/flow-label.js';
import type { ConnectionKey } from './demux.js';
import { MD5_BYTES, type Md5Key, md5KeyFor, signSegment } from './md5.js';
import { writeTimestamps } from './options.js';
import { seqAdd } from './sequence.js';
import { sendSegment } from './transmit.js';
import type { TcpTransport } from './transport.js';

/** What a segment that no socket sends consists of. One object, filled for each. */
export class Reply {
  seq = 0;
  ack = 0;
  flags = 0;
  window = 0;
  timestamps = false;
  timestampValue = 0;
  timestampEcho = 0;
  oif = 0;
  mark = 0;
  /** It is sent from an address that is not of this host (IP_TRANSPARENT). */
  anySource = false;
  tos = 0;
  /** IPv6: the label that it goes with, else what one is made of; 0: neither. */
  flowLabel = 0;
  txHash = 0;
  /** What it is signed with (RFC 2385); null: it is not. */
  md5Key: Md5Key | null = null;
}

export const reply = new Reply();

/** Sends `reply` to the peer of `key`: resets and ACKs for connections that have no socket (ip_send_unicast_reply()). */
export function sendReply(transport: TcpTransport, key: ConnectionKey): void {
  const tcp = transport.tcp;
  const flow = tcp.flow;
  transport.fillFlow(flow, key.local, key.remote, key.localPort, key.remotePort);
  flow.oif = reply.oif;
  flow.mark = reply.mark;
  flow.anySource = reply.anySource;
  const dst = transport.layer.route(flow);
  if (dst.error !== 0) return;
  const key5 = reply.md5Key;
  reply.md5Key = null;
  const signed = key5 === null ? 0 : MD5_BYTES;
  const headerBytes = wire.HEADER + signed + (reply.timestamps ? 12 : 0);
  const skb = tcp.stack.pool.allocate(headerBytes);
  if (skb === null) return;
  const at = skb.put(headerBytes);
  wire.write(skb.view, at, key.localPort, key.remotePort, reply.seq, reply.ack, headerBytes >> 2, reply.flags, reply.window, 0);
  if (reply.timestamps) writeTimestamps(skb.view, at + wire.HEADER + signed, reply.timestampValue, reply.timestampEcho);
  if (key5 !== null) signSegment(transport, key5, skb, at + wire.HEADER, key.local, key.remote);
  skb.mark = reply.mark;
  const header = tcp.header;
  header.ttl = 0;
  header.tos = reply.tos;
  header.dontFragment = true;
  header.options = null;
  header.id = -1;
  header.flowLabel = reply.flowLabel;
  header.autoFlowLabel = LABEL_BY_NAMESPACE;
  header.flowHash = reply.txHash;
  sendSegment(transport, skb, dst, flow);
}

/** flowlabel_reflect: a reset carries the label of what it answers. */
function reflectedLabel({ layer: { family, namespace } }: TcpTransport, skb: PacketBuffer): number {
  if (family !== AF_INET6 || (namespace.ipv6.settings.flowlabelReflect & REFLECT_RESET) === 0) return 0;
  return ip6.flowLabel(skb.view, skb.networkHeader);
}

/** The key that the socket or listener which the segment at `skb.data` was for has for its sender. */
function keyOfPeer(transport: TcpTransport, skb: PacketBuffer, key: ConnectionKey): Md5Key | null {
  const { tcp } = transport;
  const endpoint = tcp.endpoints.find(key);
  if (endpoint !== null) return endpoint.md5Key;
  const listener = tcp.listeners.find(key, skb.iif, skb.sdif, tcp.settings.l3mdevAccept !== 0);
  return listener === null ? null : md5KeyFor(listener.md5Keys, key.remote, key.domain);
}

/** RFC 9293 3.10.7.1: a reset that answers the segment at `skb.data`, in which `dataBytes` of data are. Never in answer to a reset. */
export function sendReset(transport: TcpTransport, skb: PacketBuffer, key: ConnectionKey): void {
  const v = skb.view;
  const at = skb.data;
  const flags = wire.flags(v, at);
  if ((flags & wire.RST) !== 0) return;
  if ((flags & wire.ACK) !== 0) {
    reply.seq = wire.acknowledgment(v, at);
    reply.ack = 0;
    reply.flags = wire.RST;
  } else {
    const data = skb.tail - at - wire.headerBytes(v, at);
    const length = data + ((flags & wire.SYN) !== 0 ? 1 : 0) + ((flags & wire.FIN) !== 0 ? 1 : 0);
    reply.seq = 0;
    reply.ack = seqAdd(wire.sequence(v, at), length);
    reply.flags = wire.RST | wire.ACK;
  }
  reply.window = 0;
  reply.timestamps = false;
  reply.oif = transport.linkOf(key, skb);
  reply.mark = transport.layer.reflectsMark() ? skb.mark : 0;
  reply.anySource = false;
  reply.tos = 0;
  reply.flowLabel = reflectedLabel(transport, skb);
  reply.txHash = 0;
  reply.md5Key = keyOfPeer(transport, skb, key);
  transport.tcp.stats.OutRsts++;
  sendReply(transport, key);
}
