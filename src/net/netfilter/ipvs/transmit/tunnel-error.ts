import { AF_INET } from '../../../../netlink/constants.js';
import { DEST_UNREACH, FRAG_NEEDED, HEADER, HOST_UNREACH } from '../../../../wire/icmp.js';
import * as ip from '../../../../wire/ipv4.js';
import { Flow } from '../../../core/flow.js';
import type { NetDevice } from '../../../core/device.js';
import type { PacketBuffer } from '../../../core/packet-buffer.js';
import { ConnectionKey } from '../connection-table.js';
import type { Ipvs } from '../ipvs.js';
import { IpvsPacket } from '../packet.js';
import { encapsulationBytes } from './tunnel.js';

const PROTOCOL_IPIP = 4;
const inside = new IpvsPacket();
const key = new ConnectionKey();
const flow = new Flow();

/**
 * An ICMP error about a packet that a tunnel of ours carried to a server: the way is narrower from now on, and the client is told in
 * its own terms. True: it was that, and the error is used up. Linux: the IPIP part of ip_vs_in_icmp()
 */
export function icmpError(ipvs: Ipvs, family: number, skb: PacketBuffer, at: number, outer: IpvsPacket, input: NetDevice | null): boolean {
  if (family !== AF_INET || outer.protocol !== PROTOCOL_IPIP || input === null) return false;
  const { view } = skb;
  const start = outer.transportAt;
  if (!inside.read(AF_INET, view, start, skb.tail) || inside.isMiddle) return false;
  key.set(AF_INET, inside.protocol, inside.source, inside.sourcePort, inside.destination, inside.destinationPort);
  const { namespace } = ipvs;
  const id = ipvs.connections.table.findIn(key);
  if (id === 0) return false;
  const type = view.getUint8(at);
  const code = view.getUint8(at + 1);
  let mtu = 0;
  if (type === DEST_UNREACH && code === FRAG_NEEDED) {
    mtu = view.getUint16(at + 6);
    flow.reset();
    flow.destination = ip.destination(view, at + HEADER);
    namespace.ipv4.updatePathMtu(flow, mtu);
    mtu -= ip.HEADER + encapsulationBytes(ipvs.destinationOf(id));
    // The client hears of it only if it asked not to be cut.
    if ((view.getUint16(start + 6) & ip.DF) === 0 || ipvs.settings.pmtuDisc === 0) return true;
  }
  const copy = namespace.stack.pool.copy(skb);
  if (copy === null) return true;
  copy.data = start;
  copy.networkHeader = start;
  copy.transportHeader = inside.transportAt;
  copy.dst = null;
  const way = namespace.ipv4.routeInput(copy, inside.destination[0]!, inside.source[0]!, 0, input);
  copy.dst = way;
  if (way.error === 0) namespace.ipv4.icmp.sendError(copy, DEST_UNREACH, mtu > 0 ? FRAG_NEEDED : HOST_UNREACH, mtu);
  namespace.stack.consume(copy);
  return true;
}
