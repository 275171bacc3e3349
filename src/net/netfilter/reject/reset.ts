import * as checksum from '../../../wire/checksum.js';
import * as ip from '../../../wire/ipv4.js';
import * as ip6 from '../../../wire/ipv6.js';
import * as tcp from '../../../wire/tcp.js';
import { Flow } from '../../core/flow.js';
import { HeaderFields } from '../../core/internet.js';
import type { Dst } from '../../core/dst.js';
import type { InternetLayer } from '../../core/internet.js';
import type { PacketInfo } from '../nf_tables/packet-info.js';

const flow = new Flow();
const header = new HeaderFields();

/** Whether the packet in hand can be answered by a reset: it is a whole TCP header, and no reset itself. Linux: nf_reject_ip_tcphdr_get() */
function answerable(packet: PacketInfo): boolean {
  const { skb, transport } = packet;
  if (packet.protocol !== tcp.PROTOCOL || packet.fragmentOffset !== 0 || transport < 0) return false;
  return tcp.check(skb.view, transport, skb.tail - transport) && (tcp.flags(skb.view, transport) & tcp.RST) === 0;
}

/** RFC 9293 3.10.7.1, in the name of whom the packet was for. Linux: nf_send_reset() */
export function sendReset4(packet: PacketInfo): void {
  if (!answerable(packet)) return;
  const { view, networkHeader: at } = packet.skb;
  const { ipv4 } = packet.tables.namespace;
  flow.reset();
  flow.source = ip.destination(view, at);
  flow.destination = ip.source(view, at);
  flow.anySource = true;
  flow.protocol = tcp.PROTOCOL;
  const dst = ipv4.route(flow);
  if (dst.error === 0) send(packet, ipv4, dst, ip.pseudoHeaderSum(flow.source, flow.destination, tcp.PROTOCOL, tcp.HEADER));
}

/** Linux: nf_send_reset6() */
export function sendReset6(packet: PacketInfo): void {
  if (!answerable(packet)) return;
  const { view, networkHeader: at } = packet.skb;
  const { ipv6 } = packet.tables.namespace;
  flow.reset();
  ip6.readAddress(view, at + ip6.DESTINATION, flow.source6);
  ip6.readAddress(view, at + ip6.SOURCE, flow.destination6);
  flow.anySource = true;
  flow.protocol = tcp.PROTOCOL;
  const dst = ipv6.routes.output(flow);
  if (dst.error === 0) send(packet, ipv6, dst, ip6.pseudoHeaderSum(flow.source6, flow.destination6, tcp.PROTOCOL, tcp.HEADER));
}

function send(packet: PacketInfo, layer: InternetLayer, dst: Dst, pseudo: number): void {
  const { skb, transport } = packet;
  const v = skb.view;
  const { pool } = packet.tables.namespace.stack;
  const answer = pool.allocate(tcp.HEADER);
  if (answer === null) return;
  const at = answer.put(tcp.HEADER);
  const flags = tcp.flags(v, transport);
  let sequence = 0;
  let acknowledgment = 0;
  let answered = tcp.RST;
  if ((flags & tcp.ACK) !== 0) sequence = tcp.acknowledgment(v, transport);
  else {
    const data = skb.tail - transport - tcp.headerBytes(v, transport);
    acknowledgment = (tcp.sequence(v, transport) + data + ((flags & tcp.SYN) !== 0 ? 1 : 0) + ((flags & tcp.FIN) !== 0 ? 1 : 0)) | 0;
    answered |= tcp.ACK;
  }
  const to = tcp.sourcePort(v, transport);
  tcp.write(answer.view, at, tcp.destinationPort(v, transport), to, sequence, acknowledgment, tcp.HEADER >> 2, answered, 0, 0);
  answer.view.setUint16(at + tcp.CHECKSUM_OFFSET, checksum.checksum(answer.view, at, tcp.HEADER, pseudo));
  pool.attachConntrack(skb, answer);
  header.ttl = 0;
  header.dontFragment = true;
  header.id = -1;
  layer.output(answer, dst, flow, header);
}
