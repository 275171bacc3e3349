import {
  ARPHRD_ETHER,
  IFF_LOOPBACK,
  IFF_NOARP,
  IFF_POINTOPOINT,
  NUD_NOARP,
  RTN_BROADCAST,
  RTN_LOCAL,
  RTN_MULTICAST,
  RT_SCOPE_LINK,
} from '../../netlink/rtnl/constants.js';
import { AF_INET } from '../../netlink/constants.js';
import { ARPOP_REQUEST } from '../../wire/arp.js';
import { ETH_P_IP, ipv4Multicast } from '../../wire/ethernet.js';
import { DEST_UNREACH, HOST_UNREACH } from '../../wire/icmp.js';
import type { NetDevice } from '../core/device.js';
import { DropReason } from '../core/drop-reason.js';
import type { Namespace } from '../core/namespace.js';
import type { Neighbour } from '../core/neighbour.js';
import type { NeighbourProtocol } from '../core/neighbour-table.js';
import type { PacketBuffer } from '../core/packet-buffer.js';
import { ipv4Routes } from '../ipv4/routes.js';
import { arpProcess } from './process.js';
import { transmitMetadata } from '../core/tunnel-metadata.js';
import { arpSend } from './send.js';

/** How IPv4's neighbours are found: RFC 826. Linux: arp_tbl, arp_generic_ops */
export class ArpProtocol implements NeighbourProtocol {
  readonly family = AF_INET;
  readonly name = 'arp_cache';
  readonly keyBytes = 4;
  readonly etherType = ETH_P_IP;
  readonly settings = {};
  readonly #namespace: Namespace;

  constructor(namespace: Namespace) {
    this.#namespace = namespace;
  }

  createdKey(device: NetDevice, address: number): number {
    return (device.flags & (IFF_LOOPBACK | IFF_POINTOPOINT)) !== 0 ? 0 : address;
  }

  // Linux: arp_constructor()
  created(neighbour: Neighbour): boolean {
    const { device, key0: address } = neighbour;
    if (device.ipv4 === null) return false;
    neighbour.parameters = device.ipv4.arpParameters;
    neighbour.type = ipv4Routes(this.#namespace).fib.addressTypeOn(device, address);
    if (device.hardHeaderBytes === 0) neighbour.setResolved(NUD_NOARP, null);
    else if (neighbour.type === RTN_MULTICAST) neighbour.setResolved(NUD_NOARP, groupAddress(neighbour));
    else if ((device.flags & (IFF_NOARP | IFF_LOOPBACK)) !== 0) neighbour.setResolved(NUD_NOARP, device.address);
    else if (neighbour.type === RTN_BROADCAST || (device.flags & IFF_POINTOPOINT) !== 0) neighbour.setResolved(NUD_NOARP, device.broadcast);
    return true;
  }

  // Linux: arp_solicit()
  solicit(neighbour: Neighbour, skb: PacketBuffer | null, probes: number): void {
    const { device, key0: target, parameters, table } = neighbour;
    const inDevice = device.ipv4;
    if (inDevice === null) return;
    const routes = ipv4Routes(this.#namespace);
    let source = 0;
    const announce = inDevice.arpAnnounce();
    if (skb !== null && announce < 2) {
      const wanted = skb.view.getUint32(skb.networkHeader + 12);
      if (routes.fib.addressTypeOn(device, wanted) === RTN_LOCAL && (announce === 0 || inDevice.onLink(target, wanted))) source = wanted;
    }
    if (source === 0) source = routes.addresses.select(device, target, RT_SCOPE_LINK);
    if (source === 0) return;
    const { ucastProbes, appProbes } = parameters.values;
    // The question goes the way of the packet that asks for it.
    const tunnel = skb === null ? null : transmitMetadata(skb);
    if (probes < ucastProbes) arpSend(device, ARPOP_REQUEST, source, target, neighbour.valid ? neighbour.address : null, null, tunnel);
    else if (probes < ucastProbes + appProbes) table.onApplicationProbe?.(neighbour);
    else arpSend(device, ARPOP_REQUEST, source, target, null, null, tunnel);
  }

  // Linux: arp_error_report()
  failed(_neighbour: Neighbour, skb: PacketBuffer): void {
    this.#namespace.ipv4.icmp.sendError(skb, DEST_UNREACH, HOST_UNREACH, 0);
    this.#namespace.stack.drop(skb, DropReason.NEIGH_FAILED);
  }

  proxyAnswer(skb: PacketBuffer): void {
    arpProcess(skb, skb.device!, true);
  }

  isMulticast(neighbour: Neighbour): boolean {
    return neighbour.key0 >>> 28 === 0xe;
  }
}

/** RFC 1112 6.4. Linux: arp_mc_map() */
function groupAddress(neighbour: Neighbour): Uint8Array {
  const { device } = neighbour;
  if (device.type !== ARPHRD_ETHER) return device.broadcast;
  const address = new Uint8Array(6);
  ipv4Multicast(neighbour.key0, address);
  return address;
}
