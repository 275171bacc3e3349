import { AF_INET6 } from '../../netlink/constants.js';
import {
  ARPHRD_ETHER,
  IFA_F_TENTATIVE,
  IFF_LOOPBACK,
  IFF_NOARP,
  IFF_POINTOPOINT,
  NUD_NOARP,
  RTN_MULTICAST,
  RTN_UNICAST,
} from '../../netlink/rtnl/constants.js';
import { ETH_P_IP } from '../../wire/ethernet.js';
import * as icmp from '../../wire/icmp.js';
import { ADDR_UNREACH, DEST_UNREACH } from '../../wire/icmpv6.js';
import * as ip6 from '../../wire/ipv6.js';
import { DropReason } from '../core/drop-reason.js';
import type { NetDevice } from '../core/device.js';
import type { Namespace } from '../core/namespace.js';
import type { Neighbour } from '../core/neighbour.js';
import type { NeighbourProtocol } from '../core/neighbour-table.js';
import type { PacketBuffer } from '../core/packet-buffer.js';

const key = new Uint32Array(4);
const source = new Uint32Array(4);

/** The address of an entry; the same words each time. */
export function keyOf(neighbour: Neighbour): ip6.In6 {
  key[0] = neighbour.key0;
  key[1] = neighbour.key1;
  key[2] = neighbour.key2;
  key[3] = neighbour.key3;
  return key;
}

/** How IPv6's neighbours are found: RFC 4861 7. Linux: nd_tbl, ndisc_generic_ops */
export class NdiscProtocol implements NeighbourProtocol {
  readonly family = AF_INET6;
  readonly name = 'ndisc_cache';
  readonly keyBytes = 16;
  readonly etherType = ip6.ETHERTYPE;
  // Linux: nd_tbl has no lock time: RFC 4861 says itself when an answer overrides another.
  readonly settings = { locktimeMs: 0 };
  readonly #namespace: Namespace;

  constructor(namespace: Namespace) {
    this.#namespace = namespace;
  }

  createdKey(_device: NetDevice, k0: number): number {
    return k0;
  }

  // Linux: ndisc_constructor()
  created(neighbour: Neighbour): boolean {
    const { device } = neighbour;
    if (device.ipv6 === null) return false;
    const address = keyOf(neighbour);
    const group = ip6.isMulticast(address);
    neighbour.parameters = device.ipv6.ndParameters;
    neighbour.type = group ? RTN_MULTICAST : RTN_UNICAST;
    if (device.hardHeaderBytes === 0) neighbour.setResolved(NUD_NOARP, null);
    else if (group) neighbour.setResolved(NUD_NOARP, groupAddress(neighbour));
    else if ((device.flags & (IFF_NOARP | IFF_LOOPBACK)) !== 0) neighbour.setResolved(NUD_NOARP, device.address);
    else if ((device.flags & IFF_POINTOPOINT) !== 0) neighbour.setResolved(NUD_NOARP, device.broadcast);
    return true;
  }

  // Linux: ndisc_solicit()
  solicit(neighbour: Neighbour, skb: PacketBuffer | null, probes: number): void {
    const { device, parameters, table } = neighbour;
    const { addresses, ndisc } = this.#namespace.ipv6;
    let from: ip6.In6 | null = null;
    if (skb !== null && skb.networkHeader >= 0 && skb.protocol === ip6.ETHERTYPE) {
      // RFC 4861 7.2.2: from the address that the packet itself is from, so that the answer is learned with the question.
      ip6.readAddress(skb.view, skb.networkHeader + ip6.SOURCE, source);
      const held = addresses.find(source, device);
      if (held !== null && (held.flags & IFA_F_TENTATIVE) === 0) from = source;
    }
    const { ucastProbes, appProbes } = parameters.values;
    const target = keyOf(neighbour);
    if (probes < ucastProbes) ndisc.sendSolicitation(device, target, target, from, 0);
    else if (probes < ucastProbes + appProbes) table.onApplicationProbe?.(neighbour);
    else ndisc.sendSolicitation(device, target, null, from, 0);
  }

  // Linux: ndisc_error_report()
  failed(_neighbour: Neighbour, skb: PacketBuffer): void {
    const { ipv4, ipv6 } = this.#namespace;
    // A packet of IPv4 whose gateway is of IPv6: its own family tells the sender (ipv4_link_failure()).
    if (skb.protocol === ETH_P_IP) ipv4.icmp.sendError(skb, icmp.DEST_UNREACH, icmp.HOST_UNREACH, 0);
    else ipv6.icmp.sendError(skb, DEST_UNREACH, ADDR_UNREACH, 0);
    this.#namespace.stack.drop(skb, DropReason.NEIGH_FAILED);
  }

  proxyAnswer(skb: PacketBuffer): void {
    skb.cb0 |= LOCALLY_ENQUEUED;
    this.#namespace.ipv6.ndisc.receive(skb);
  }

  isMulticast(neighbour: Neighbour): boolean {
    return neighbour.key0 >>> 24 === 0xff;
  }
}

/** Of cb0: the question has waited at the proxy for its answer (NEIGH_CB(skb)->flags). */
export const LOCALLY_ENQUEUED = 1 << 8;

/** RFC 2464 7. Linux: ndisc_mc_map() */
function groupAddress(neighbour: Neighbour): Uint8Array {
  const { device, key3 } = neighbour;
  if (device.type !== ARPHRD_ETHER) return device.broadcast;
  return Uint8Array.of(0x33, 0x33, key3 >>> 24, (key3 >>> 16) & 255, (key3 >>> 8) & 255, key3 & 255);
}
