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
  readAddresses(packet);
  if (packet.protocol !== tcp.PROTOCOL) return datagramSocket(packet, destinationPort(packet));
  return connectionOf(packet) ?? listenerOf(packet, destinationPort(packet));
}

/** The socket of the packet's connection; of UDP one that is connected to who sent it. Linux: nf_tproxy_get_sock_v4() with NF_TPROXY_LOOKUP_ESTABLISHED */
export function findEstablished(packet: PacketInfo): InetSocket | null {
  readAddresses(packet);
  if (packet.protocol === tcp.PROTOCOL) return connectionOf(packet);
  const socket = datagramSocket(packet, destinationPort(packet));
  // Only what is of this flow alone, not what takes anything.
  return socket !== null && socket.remote.port !== 0 ? socket : null;
}

/** A socket that waits at another address and port than the packet says. */
export function findListening(packet: PacketInfo, at: Uint32Array, port: number): InetSocket | null {
  readAddresses(packet);
  if (packet.networkFamily === NFPROTO_IPV4) mapped(destination, at[0]!);
  else destination.set(at);
  return packet.protocol === tcp.PROTOCOL ? listenerOf(packet, port) : datagramSocket(packet, port);
}

const destinationPort = ({ skb, transport }: PacketInfo): number => skb.view.getUint16(transport + 2);

function readAddresses(packet: PacketInfo): void {
  const { view, networkHeader: at } = packet.skb;
  if (packet.networkFamily === NFPROTO_IPV4) {
    mapped(source, ip.source(view, at));
    mapped(destination, ip.destination(view, at));
  } else {
    for (let i = 0; i < 4; i++) {
      source[i] = view.getUint32(at + ip6.SOURCE + 4 * i);
      destination[i] = view.getUint32(at + ip6.DESTINATION + 4 * i);
    }
  }
}

function mapped(words: Uint32Array, address: number): void {
  words[0] = 0;
  words[1] = 0;
  words[2] = 0xffff;
  words[3] = address;
}

function datagramSocket({ skb, transport, networkFamily, tables }: PacketInfo, port: number): InetSocket | null {
  const { udp } = tables.namespace;
  const from = skb.view.getUint16(transport);
  if (networkFamily === NFPROTO_IPV4) return udp.lookup(source[3]!, from, destination[3]!, port, skb.iif, skb.sdif);
  return udp.six?.lookup(source as never, from, destination as never, port, skb.iif, skb.sdif) ?? null;
}

function readKey({ skb, transport }: PacketInfo, port: number): void {
  key.local.set(destination);
  key.remote.set(source);
  key.localPort = port;
  key.remotePort = skb.view.getUint16(transport);
  key.domain = skb.sdif === 0 ? 0 : skb.iif;
}

function connectionOf(packet: PacketInfo): InetSocket | null {
  readKey(packet, destinationPort(packet));
  const endpoint = packet.tables.namespace.tcp.endpoints.find(key);
  if (endpoint === null) return null;
  return endpoint.kind === ENDPOINT_SOCKET ? (endpoint as Tcb) : 'listener' in endpoint ? (endpoint.listener as InetSocket) : null;
}

function listenerOf(packet: PacketInfo, port: number): InetSocket | null {
  readKey(packet, port);
  const { tcp: layer } = packet.tables.namespace;
  return layer.listeners.find(key, packet.skb.iif, packet.skb.sdif, layer.settings.l3mdevAccept !== 0);
}
