import { IFA_F_OPTIMISTIC, IFA_F_TENTATIVE, RTN_UNICAST } from '../../netlink/rtnl/constants.js';
import { checksum } from '../../wire/checksum.js';
import * as icmpv6 from '../../wire/icmpv6.js';
import * as ip6 from '../../wire/ipv6.js';
import * as nd from '../../wire/ndisc.js';
import type { NetDevice } from '../core/device.js';
import type { Namespace } from '../core/namespace.js';
import { NeighbourTable } from '../core/neighbour-table.js';
import type { PacketBuffer } from '../core/packet-buffer.js';
import { copyBytes, HEADROOM } from '../core/packet-pool.js';
import type { Ipv6Address } from '../ipv6/address.js';
import type { NeighbourDiscovery, RouterAdvertisement } from '../ipv6/neighbour-discovery.js';
import { icmp6CountOut } from '../ipv6/count.js';
import { ip6CountOut, ip6LocalOut } from '../ipv6/output.js';
import { Rt6 } from '../ipv6/rt6.js';
import { NdiscProtocol } from './protocol.js';
import { ndiscReceive } from './receive.js';
import { buildRedirect } from './redirect.js';

const NONCE_OPTION = 8;
const group = new Uint32Array(4);
const selected = new Uint32Array(4);

/** Neighbour discovery of one namespace, RFC 4861: what is sent. Linux: net/ipv6/ndisc.c */
export class Ndisc implements NeighbourDiscovery {
  readonly namespace: Namespace;
  readonly table: NeighbourTable;
  onRouterAdvertisement: ((advertisement: RouterAdvertisement) => void) | null = null;
  onDuplicate: ((address: Ipv6Address) => void) | null = null;
  /** Ways straight onto a link, which no table has (icmp6_dst_alloc()). */
  readonly #ways = new WeakMap<NetDevice, Rt6>();

  constructor(namespace: Namespace) {
    this.namespace = namespace;
    this.table = new NeighbourTable(namespace, new NdiscProtocol(namespace));
  }

  receive(skb: PacketBuffer): void {
    ndiscReceive(this, skb);
  }

  // Linux: ndisc_send_ns()
  sendSolicitation(device: NetDevice, target: ip6.In6, destination: ip6.In6 | null, source: ip6.In6 | null, nonce: number): void {
    let from = source;
    if (from === null) {
      const held = this.namespace.ipv6.addresses.linkLocal(device, IFA_F_TENTATIVE | IFA_F_OPTIMISTIC);
      if (held === null) return;
      from = held.address;
    }
    const withAddress = !ip6.isAny(from) && device.address.length > 0 && device.hardHeaderBytes > 0;
    const optionBytes = withAddress ? nd.linkAddressOption(device.address.length) : 0;
    const skb = this.#message(device, icmpv6.NEIGHBOUR_SOLICITATION, nd.SOLICITATION + optionBytes + (nonce !== 0 ? NONCE_OPTION : 0));
    if (skb === null) return;
    const at = skb.data;
    ip6.writeAddress(skb.view, at + nd.TARGET, target);
    if (withAddress) writeLinkAddress(skb, at + nd.SOLICITATION, nd.OPT_SOURCE_LL_ADDR, device.address);
    if (nonce !== 0) {
      const option = at + nd.SOLICITATION + optionBytes;
      skb.view.setUint16(option, (nd.OPT_NONCE << 8) | 1);
      skb.view.setUint16(option + 2, Math.floor(nonce / 0x1_0000_0000) & 0xffff);
      skb.view.setUint32(option + 4, nonce >>> 0);
    }
    this.#send(skb, device, from, destination ?? ip6.solicitedNode(target, group));
  }

  // Linux: ndisc_send_na()
  sendAdvertisement(
    device: NetDevice,
    destination: ip6.In6,
    target: ip6.In6,
    router: boolean,
    solicited: boolean,
    override: boolean,
    includeAddress: boolean,
  ): void {
    const { addresses } = this.namespace.ipv6;
    const held = addresses.find(target, device);
    let from: ip6.In6 = target;
    let overrides = override;
    let withAddress = includeAddress;
    if (held !== null) {
      if ((held.flags & IFA_F_OPTIMISTIC) !== 0) overrides = false;
      if (held.owner.config.forceTllao !== 0) withAddress = true;
    } else {
      // For an anycast address, or one that we stand for.
      if (!addresses.select(device, destination, selected)) return;
      from = selected;
    }
    if (device.address.length === 0 || device.hardHeaderBytes === 0) withAddress = false;
    const optionBytes = withAddress ? nd.linkAddressOption(device.address.length) : 0;
    const skb = this.#message(device, icmpv6.NEIGHBOUR_ADVERTISEMENT, nd.SOLICITATION + optionBytes);
    if (skb === null) return;
    const at = skb.data;
    const flags = (router ? nd.ROUTER_FLAG : 0) | (solicited ? nd.SOLICITED_FLAG : 0) | (overrides ? nd.OVERRIDE_FLAG : 0);
    skb.view.setUint32(at + 4, flags);
    ip6.writeAddress(skb.view, at + nd.TARGET, target);
    if (withAddress) writeLinkAddress(skb, at + nd.SOLICITATION, nd.OPT_TARGET_LL_ADDR, device.address);
    this.#send(skb, device, from, destination);
  }

  // Linux: ndisc_send_rs()
  sendRouterSolicitation(device: NetDevice, source: ip6.In6, destination: ip6.In6): void {
    let withAddress = !ip6.isAny(source) && device.address.length > 0 && device.hardHeaderBytes > 0;
    // RFC 4429 2.2: an optimistic address tells nobody of its link-layer address.
    const held = withAddress ? this.namespace.ipv6.addresses.find(source, device) : null;
    if (held !== null && (held.flags & IFA_F_OPTIMISTIC) !== 0) withAddress = false;
    const optionBytes = withAddress ? nd.linkAddressOption(device.address.length) : 0;
    const skb = this.#message(device, icmpv6.ROUTER_SOLICITATION, nd.ROUTER_SOLICITATION + optionBytes);
    if (skb === null) return;
    if (withAddress) writeLinkAddress(skb, skb.data + nd.ROUTER_SOLICITATION, nd.OPT_SOURCE_LL_ADDR, device.address);
    this.#send(skb, device, source, destination);
  }

  // Linux: ndisc_send_redirect()
  sendRedirect(skb: PacketBuffer, target: ip6.In6): void {
    buildRedirect(this, skb, target);
  }

  /** A message of `bytes`, all zero but the type; null: no memory, and then there is no message. */
  message(device: NetDevice, type: number, bytes: number): PacketBuffer | null {
    return this.#message(device, type, bytes);
  }

  /** Completes a message, and sends it straight onto the link (ndisc_send_skb()). Takes ownership. */
  send(skb: PacketBuffer, device: NetDevice, source: ip6.In6, destination: ip6.In6): void {
    this.#send(skb, device, source, destination);
  }

  #message(device: NetDevice, type: number, bytes: number): PacketBuffer | null {
    const skb = device.stack.pool.allocate(bytes, HEADROOM);
    if (skb === null) return null;
    const at = skb.put(bytes);
    skb.bytes.fill(0, at, at + bytes);
    skb.view.setUint8(at, type);
    skb.device = device;
    return skb;
  }

  #send(skb: PacketBuffer, device: NetDevice, source: ip6.In6, destination: ip6.In6): void {
    const { ipv6 } = this.namespace;
    const transport = skb.data;
    const bytes = skb.tail - transport;
    const v = skb.view;
    v.setUint16(
      transport + icmpv6.CHECKSUM_AT,
      checksum(v, transport, bytes, ip6.pseudoHeaderSum(source, destination, icmpv6.PROTOCOL, bytes)),
    );
    const at = skb.push(ip6.HEADER);
    v.setUint32(at, 0x6000_0000 | ((device.ipv6?.config.ndiscTclass ?? 0) << 20));
    v.setUint16(at + 4, bytes);
    v.setUint8(at + 6, icmpv6.PROTOCOL);
    v.setUint8(at + 7, nd.HOP_LIMIT);
    ip6.writeAddress(v, at + ip6.SOURCE, source);
    ip6.writeAddress(v, at + ip6.DESTINATION, destination);
    skb.networkHeader = at;
    skb.transportHeader = transport;
    skb.cb0 = 0;
    skb.cb1 = 0;
    skb.cb2 = 6;
    skb.cb3 = ip6.HEADER;
    const way = this.#way(device);
    skb.dst = way;
    const type = v.getUint8(transport);
    icmp6CountOut(ipv6, device.ipv6, type);
    ip6CountOut(ipv6, way, skb.tail - at);
    ip6LocalOut(ipv6, skb);
  }

  #way(device: NetDevice): Rt6 {
    let way = this.#ways.get(device);
    if (way === undefined) {
      way = new Rt6();
      way.device = device;
      way.type = RTN_UNICAST;
      this.#ways.set(device, way);
    }
    return way;
  }
}

export function writeLinkAddress(skb: PacketBuffer, at: number, type: number, address: Uint8Array): void {
  skb.view.setUint8(at, type);
  skb.view.setUint8(at + 1, nd.linkAddressOption(address.length) >> 3);
  copyBytes(address, 0, skb.bytes, at + 2, address.length);
}
