import { RTN_LOCAL } from '../../netlink/rtnl/constants.js';
import { LOCAL_IN } from '../../net/core/hooks.js';
import type { L3Domain } from '../../net/core/l3mdev.js';
import type { PacketBuffer } from '../../net/core/packet-buffer.js';
import { localDeliverFinish } from '../../net/ipv4/input.js';
import { ip6InputFinish } from '../../net/ipv6/deliver.js';
import * as ip from '../../wire/ipv4.js';
import type { IpvlanPort } from './port.js';

/**
 * Mode l3s: packets pass the input of the device below with its hooks, and only then are the ipvlan's (drivers/net/ipvlan/ipvlan_l3s.c).
 */
export class L3sDomain implements L3Domain {
  readonly #port: IpvlanPort;

  constructor(port: IpvlanPort) {
    this.#port = port;
  }

  // Linux: ipvlan_l3_rcv(), ipvlan_nf_input()
  receive4(skb: PacketBuffer): boolean {
    const { lower } = this.#port;
    const at = skb.networkHeader;
    const owner = this.#port.owner(skb, at, false);
    if (owner === null || skb.device !== lower) return true;
    const { ipv4 } = owner.namespace;
    const v = skb.view;
    const dst = ipv4.routeInput(skb, ip.destination(v, at), ip.source(v, at), ip.tos(v, at), owner);
    if (dst.error !== 0 || dst.type !== RTN_LOCAL) return true;
    let packet: PacketBuffer | null = skb;
    const below = lower.namespace.ipv4;
    if ((v.getUint16(at + 6) & (ip.MF | ip.OFFSET_MASK)) !== 0) packet = below.reassembly.add(skb);
    if (packet === null) return false;
    if (below.hooks.localIn.length !== 0 && !below.hooks.pass(packet, LOCAL_IN, lower, null)) return false;
    owner.countReceived(packet.tail - packet.data, false);
    packet.device = owner;
    packet.iif = owner.ifindex;
    packet.dst = dst;
    localDeliverFinish(ipv4, packet);
    return false;
  }

  receive6(skb: PacketBuffer): boolean {
    const { lower } = this.#port;
    const owner = this.#port.owner(skb, skb.networkHeader, false);
    if (owner === null || skb.device !== lower) return true;
    const { ipv6 } = owner.namespace;
    const dst = ipv6.routes.input(skb, skb.networkHeader, owner);
    if (dst.error !== 0 || dst.type !== RTN_LOCAL) return true;
    const below = lower.namespace.ipv6;
    if (below.hooks.localIn.length !== 0 && !below.hooks.pass(skb, LOCAL_IN, lower, null)) return false;
    owner.countReceived(skb.tail - skb.data, false);
    skb.device = owner;
    skb.iif = owner.ifindex;
    skb.dst = dst;
    ip6InputFinish(ipv6, skb, owner);
    return false;
  }

  /** It has no members. */
  output(): boolean {
    return true;
  }
}
