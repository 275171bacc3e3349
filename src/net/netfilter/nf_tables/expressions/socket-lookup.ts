import { NFPROTO_IPV4 } from '../../../../netlink/nfnl/nfnetlink.js';
import * as ip from '../../../../wire/ipv4.js';
import * as ip6 from '../../../../wire/ipv6.js';
import * as tcp from '../../../../wire/tcp.js';
import type { InetSocket } from '../../../core/inet-socket.js';
import { ConnectionKey, ENDPOINT_SOCKET } from '../../../tcp/demux.js';
import type { Tcb } from '../../../tcp/tcb.js';
import type { PacketInfo } from '../packet-info.js';

const key = new ConnectionKey();
const source = new Uint32Array(4);
const destination = new Uint32Array(4);

/** The socket that a packet would be given to as it is now: connected before listening, or bound. Linux: nf_sk_lookup_slow_v4(), _v6() */
export function findSocket(packet: PacketInfo): InetSocket | null {
  const { skb, transport, protocol } = packet;
  const { view, networkHeader: at } = skb;
  const four = packet.networkFamily === NFPROTO_IPV4;
  const from = view.getUint16(transport);
  const to = view.getUint16(transport + 2);
  if (four) {
    mapped(source, ip.source(view, at));
    mapped(destination, ip.destination(view, at));
  } else {
    for (let i = 0; i < 4; i++) {
      source[i] = view.getUint32(at + ip6.SOURCE + 4 * i);
      destination[i] = view.getUint32(at + ip6.DESTINATION + 4 * i);
    }
  }
  const { namespace } = packet.tables;
  if (protocol === tcp.PROTOCOL) return tcpSocket(packet, from, to);
  if (four) return namespace.udp.lookup(source[3]!, from, destination[3]!, to, skb.iif, skb.sdif);
  return namespace.udp.six?.lookup(source as never, from, destination as never, to, skb.iif, skb.sdif) ?? null;
}

function mapped(words: Uint32Array, address: number): void {
  words[0] = 0;
  words[1] = 0;
  words[2] = 0xffff;
  words[3] = address;
}

function tcpSocket(packet: PacketInfo, from: number, to: number): InetSocket | null {
  const { skb, tables } = packet;
  const { tcp: layer } = tables.namespace;
  key.local.set(destination);
  key.remote.set(source);
  key.localPort = to;
  key.remotePort = from;
  key.domain = skb.sdif === 0 ? 0 : skb.iif;
  const endpoint = layer.endpoints.find(key);
  if (endpoint !== null) return endpoint.kind === ENDPOINT_SOCKET ? (endpoint as Tcb) : null;
  return layer.listeners.find(key, skb.iif, skb.sdif, layer.settings.l3mdevAccept !== 0);
}
