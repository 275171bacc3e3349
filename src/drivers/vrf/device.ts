import type { EthtoolOps } from '../../net/core/ethtool-ops.js';
import { vrfEthtool } from '../ethtool/vrf.js';
import { AF_INET } from '../../netlink/constants.js';
import { IFF_MASTER, IFF_NOARP, IF_OPER_UP } from '../../netlink/rtnl/constants.js';
import {
  NETIF_F_GSO,
  NETIF_F_GSO_UDP_L4,
  NETIF_F_HW_CSUM,
  NETIF_F_RXCSUM,
  NETIF_F_SG,
  NETIF_F_TSO,
  NETIF_F_TSO6,
} from '../../net/core/device.js';
import type { NetDevice } from '../../net/core/device.js';
import { DropReason } from '../../net/core/drop-reason.js';
import { LOCAL_OUT, POST_ROUTING, PRE_ROUTING } from '../../net/core/hooks.js';
import type { L3Domain } from '../../net/core/l3mdev.js';
import { PACKET_HOST, PACKET_LOOPBACK, type PacketBuffer } from '../../net/core/packet-buffer.js';
import type { Stack } from '../../net/core/stack.js';
import { EthernetDevice } from '../../net/ethernet/ethernet-device.js';
import * as ethernet from '../../wire/ethernet.js';
import * as ip from '../../wire/ipv4.js';
import * as ip6 from '../../wire/ipv6.js';
import { receivesByMember, strictDestination } from './ipv6.js';
import { vrfNamespace } from './namespace.js';
import { outbound4, outbound6 } from './outbound.js';

/** Largest packet of IPv6: header and payload. */
const MAX_MTU = 65_575;

/** A routing domain: what its members receive and send goes by its table, and passes it (drivers/net/vrf.c). */
export class VrfDevice extends EthernetDevice implements L3Domain {
  override ethtool: EthtoolOps = vrfEthtool;
  constructor(stack: Stack, name: string, table: number) {
    super(stack, name);
    this.flags = IFF_MASTER | IFF_NOARP;
    this.minMtu = ip6.MIN_MTU;
    this.maxMtu = MAX_MTU;
    this.mtu = MAX_MTU;
    this.noQueue = true;
    this.netnsLocal = true;
    this.vlanChallenged = true;
    this.liveAddressChange = true;
    this.operState = IF_OPER_UP;
    this.features = NETIF_F_SG | NETIF_F_HW_CSUM | NETIF_F_RXCSUM | NETIF_F_TSO | NETIF_F_TSO6 | NETIF_F_GSO_UDP_L4 | NETIF_F_GSO;
    this.l3Table = table;
    this.l3 = this;
  }

  /** A member's packet is the VRF's from here on. Linux: vrf_ip_rcv() */
  receive4(skb: PacketBuffer): boolean {
    this.#take(skb);
    if (ip.isMulticast(ip.destination(skb.view, skb.networkHeader))) return true;
    if (skb.packetType === PACKET_LOOPBACK) {
      skb.packetType = PACKET_HOST;
      return true;
    }
    return this.#pass4(skb);
  }

  #pass4(skb: PacketBuffer): boolean {
    this.#count(skb);
    const { hooks } = this.namespace.ipv4;
    return hooks.preRouting.length === 0 || hooks.pass(skb, PRE_ROUTING, this, null);
  }

  /** Neighbour discovery and what is on the link alone stay with the member. Linux: vrf_ip6_rcv() */
  receive6(skb: PacketBuffer): boolean {
    const { hooks } = this.namespace.ipv6;
    const member: NetDevice = skb.device!;
    const byMember = receivesByMember(skb);
    const strict = strictDestination(skb);
    if (skb.packetType === PACKET_LOOPBACK) {
      this.#take(skb);
      skb.packetType = PACKET_HOST;
      return true;
    }
    if (!byMember) {
      this.#take(skb);
      if (!strict) this.#count(skb);
    }
    // What is for one link is routed by the member that it came in by.
    if (strict && member !== this) {
      const route = this.namespace.ipv6.routes.input(skb, skb.networkHeader, member);
      if (route.error === 0) skb.dst = route;
    }
    if (strict && !byMember) return true;
    return hooks.preRouting.length === 0 || hooks.pass(skb, PRE_ROUTING, this, null);
  }

  #take(skb: PacketBuffer): void {
    skb.sdif = skb.iif;
    skb.device = this;
    skb.iif = this.ifindex;
  }

  #count(skb: PacketBuffer): void {
    this.statistics.rxPackets++;
    this.statistics.rxBytes += skb.tail - skb.data;
    const { taps } = this;
    for (let i = 0; i < taps.length; i++) taps[i]!(skb, this, false);
  }

  /** What leaves by a member is seen leaving by the VRF first. Linux: vrf_ip_out_direct(), vrf_finish_direct() */
  output(skb: PacketBuffer, family: number): boolean {
    const v4 = family === AF_INET;
    const { hooks } = v4 ? this.namespace.ipv4 : this.namespace.ipv6;
    const { device } = skb;
    skb.device = this;
    if (hooks.localOut.length !== 0 && !hooks.pass(skb, LOCAL_OUT, null, this)) return false;
    if (hooks.postRouting.length !== 0 && !hooks.pass(skb, POST_ROUTING, null, this)) return false;
    const { taps } = this;
    if (taps.length !== 0 && skb.headroom >= ethernet.HEADER) {
      this.createHeader(skb, v4 ? ip.ETHERTYPE : ip6.ETHERTYPE, this.address, this.address);
      for (let i = 0; i < taps.length; i++) taps[i]!(skb, this, true);
      skb.pull(ethernet.HEADER);
    }
    skb.device = device;
    return true;
  }

  /** Sent by the very device: to an address of the VRF, or by a route of another table into it. Linux: vrf_xmit() */
  transmit(skb: PacketBuffer): void {
    const bytes = skb.length;
    const type = ethernet.type(skb.view, skb.data);
    let sent = false;
    if (type === ip.ETHERTYPE) sent = outbound4(this, skb);
    else if (type === ip6.ETHERTYPE) sent = outbound6(this, skb);
    else {
      this.statistics.txErrors++;
      this.stack.drop(skb, DropReason.UNHANDLED_PROTO);
    }
    if (!sent) {
      this.statistics.txDropped++;
      return;
    }
    this.statistics.txPackets++;
    this.statistics.txBytes += bytes;
  }

  /** A packet to an address of the VRF itself is received, as by the loopback. Linux: vrf_local_xmit() */
  loop(skb: PacketBuffer): boolean {
    const bytes = skb.length;
    skb.socket = null;
    skb.timestampUs = 0;
    this.parseHeader(skb);
    skb.packetType = PACKET_LOOPBACK;
    if (!this.stack.enqueue(skb)) {
      this.statistics.rxDropped++;
      this.stack.drop(skb, DropReason.CPU_BACKLOG);
      return true;
    }
    this.statistics.rxPackets++;
    this.statistics.rxBytes += bytes;
    return true;
  }

  // Linux: vrf_dellink()
  override leaving(): void {
    for (const device of this.namespace.devices()) if (device.master === this) this.kind?.release?.(this, device);
  }

  override unregistered(): void {
    vrfNamespace(this.namespace).remove(this);
  }
}
