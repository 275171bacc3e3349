import { ETH_P_ARP, ETH_P_IP, ETH_P_IPV6, HEADER, isBroadcast, isMulticast, type as etherType } from '../../../wire/ethernet.js';
import * as icmpv6 from '../../../wire/icmpv6.js';
import * as ip from '../../../wire/ipv4.js';
import * as ip6 from '../../../wire/ipv6.js';
import type { PacketBuffer } from '../../../net/core/packet-buffer.js';
import type { BondDevice } from '../device.js';
import { byHash } from '../send.js';
import { sendArp } from './receive-balance.js';
import { ReceiveTable } from './tables.js';
import { sendChosen } from './transmit-balance.js';

const NOT_BALANCED = -1;

/** balance-alb: as balance-tlb, by the destination; and ARP answers name the slave that is to receive. Linux: bond_xmit_alb_slave_get() */
export function sendBalancedAll(bond: BondDevice, skb: PacketBuffer): void {
  const protocol = etherType(skb.view, skb.data);
  if (protocol === ETH_P_ARP) {
    sendChosen(bond, sendArp(bond, skb), skb);
    return;
  }
  const hash = protocol === ETH_P_IP ? hashIpv4(skb) : protocol === ETH_P_IPV6 ? hashIpv6(skb) : NOT_BALANCED;
  if (hash === NOT_BALANCED) sendChosen(bond, null, skb);
  else if (bond.parameters.tlbDynamic) sendChosen(bond, bond.alb.transmit.choose(bond.slaves, hash, skb.length), skb);
  else sendChosen(bond, byHash(bond, skb), skb);
}

/** Broadcasts and membership reports leave by the active slave. */
function hashIpv4({ view, data, tail }: PacketBuffer): number {
  const at = data + HEADER;
  if (tail - at < ip.HEADER || isBroadcast(view, data)) return NOT_BALANCED;
  const destination = ip.destination(view, at);
  if (destination === ip.BROADCAST || ip.protocol(view, at) === ip.PROTOCOL_IGMP) return NOT_BALANCED;
  return ReceiveTable.slot(destination);
}

/** So do groups, duplicate address detection and neighbour discovery. */
function hashIpv6({ view, bytes, data, tail }: PacketBuffer): number {
  const at = data + HEADER;
  if (tail - at < ip6.HEADER || isMulticast(bytes, data)) return NOT_BALANCED;
  let source = 0;
  let hash = 0;
  for (let i = 0; i < 16; i++) {
    source |= view.getUint8(at + ip6.SOURCE + i);
    hash ^= view.getUint8(at + ip6.DESTINATION + i);
  }
  if (source === 0) return NOT_BALANCED;
  if (ip6.nextHeader(view, at) === icmpv6.PROTOCOL && tail - at > ip6.HEADER) {
    const type = icmpv6.type(view, at + ip6.HEADER);
    if (type === icmpv6.NEIGHBOUR_SOLICITATION || type === icmpv6.NEIGHBOUR_ADVERTISEMENT) return NOT_BALANCED;
  }
  return hash;
}
