import { hash4 } from '../../../base/hash.js';
import { RT_TABLE_MAIN } from '../../../netlink/rtnl/constants.js';
import * as ip6 from '../../../wire/ipv6.js';
import type { NetDevice } from '../../core/device.js';
import { DropReason } from '../../core/drop-reason.js';
import { Flow } from '../../core/flow.js';
import { FORWARD } from '../../core/hooks.js';
import type { McForwardingEvent, UpcallSocket } from '../../core/mroute/events.js';
import { type MrFamily, type MrTable, WHOLEPKT, WRVIFWHOLE } from '../../core/mroute/table.js';
import { MrTables } from '../../core/mroute/tables.js';
import { Notifier } from '../../core/notifier.js';
import type { PacketBuffer } from '../../core/packet-buffer.js';
import { copyBytes, HEADROOM } from '../../core/packet-pool.js';
import { FORWARDED } from '../control-block.js';
import { ip6Count } from '../count.js';
import type { Ipv6 } from '../ipv6.js';
import { ip6Output } from '../output.js';
import { Ip6Mib } from '../snmp.js';

/** struct mrt6msg:  0 zero | 1 type | 2 MIF | 4 padding | 8 source | 24 destination */
const MESSAGE = 40;
const MAX_ADDRESSES = 2;

const flow = new Flow();
const scratch = Array.from({ length: MAX_ADDRESSES }, () => new Uint32Array(4));

/** Multicast routing of IPv6 in one namespace. Linux: net/ipv6/ip6mr.c */
export class MulticastRouting6 implements MrFamily<ip6.In6> {
  readonly any = ip6.ANY;
  readonly tables: MrTables<ip6.In6>;
  readonly forwardingEvents = new Notifier<McForwardingEvent>();
  /** Daemons that route multicasts (mc_forwarding of conf.all). */
  routers = 0;
  readonly #ipv6: Ipv6;
  readonly #seed: number;

  constructor(ipv6: Ipv6) {
    this.#ipv6 = ipv6;
    this.#seed = ipv6.namespace.stack.hashSeed;
    this.tables = new MrTables<ip6.In6>(ipv6.namespace, this, RT_TABLE_MAIN);
  }

  hash(origin: ip6.In6, group: ip6.In6): number {
    return hash4(this.#seed, origin[1]! ^ origin[0]!, origin[3]! ^ origin[2]!, group[0]! ^ group[2]!, group[3]! ^ group[1]!);
  }

  same(a: ip6.In6, b: ip6.In6): boolean {
    return ip6.equalAddress(a, b);
  }

  isGroup(address: ip6.In6): boolean {
    return ip6.isMulticast(address);
  }

  ttl(skb: PacketBuffer): number {
    return ip6.hopLimit(skb.view, skb.networkHeader);
  }

  counted(device: NetDevice, by: number): void {
    if (device.ipv6 === null) return;
    device.ipv6.config.mcForwarding += by;
    this.forwardingEvents.notify({ device });
  }

  countRouters(by: number): void {
    this.routers += by;
    this.#ipv6.allConfig.mcForwarding = this.routers;
    this.forwardingEvents.notify({ device: null });
  }

  /** A packet to a group beyond the link has come in by `device`: copies go on. Takes ownership. Linux: ip6_mr_input() */
  input(skb: PacketBuffer, device: NetDevice): void {
    const { stack } = this.#ipv6.namespace;
    const origin = ip6.readAddress(skb.view, skb.networkHeader + ip6.SOURCE, scratch[0]!);
    const group = ip6.readAddress(skb.view, skb.networkHeader + ip6.DESTINATION, scratch[1]!);
    flow.reset();
    flow.iif = device.ifindex;
    flow.mark = skb.mark;
    ip6.copyAddress(origin, flow.source6);
    ip6.copyAddress(group, flow.destination6);
    const table = this.tables.lookup(flow);
    const vif = table === null ? -1 : table.vifOf(device);
    const entry = table === null ? null : table.lookup(origin, group, vif);
    if (table !== null && entry !== null) table.forward(skb, device, entry, false, false);
    else if (table !== null && vif >= 0) table.queue(skb, origin.slice(), group.slice(), vif);
    else stack.drop(skb, DropReason.NOT_SPECIFIED);
  }

  /** struct mrt6msg, with the whole packet behind it or as many zeros as a header has. Linux: ip6mr_cache_report() */
  report(table: MrTable<ip6.In6>, skb: PacketBuffer, vif: number, kind: number): boolean {
    if (table.socket === null) return false;
    const { stack } = this.#ipv6.namespace;
    const at = skb.networkHeader;
    const whole = kind === WHOLEPKT || kind === WRVIFWHOLE;
    const length = MESSAGE + (whole ? skb.tail - at : MESSAGE);
    const message = stack.pool.allocate(length, HEADROOM);
    if (message === null) return false;
    const start = message.put(length);
    const v = message.view;
    message.bytes.fill(0, start, start + length);
    v.setUint8(start + 1, kind);
    const shown = kind === WHOLEPKT ? table.registerVif : vif;
    v.setUint16(start + 2, shown, true);
    copyBytes(skb.bytes, at + ip6.SOURCE, message.bytes, start + 8, 32);
    if (whole) copyBytes(skb.bytes, at, message.bytes, start + MESSAGE, skb.tail - at);
    // The header stands before it, for who reads: recvfrom() tells the source.
    copyBytes(skb.bytes, at, message.bytes, start - ip6.HEADER, ip6.HEADER);
    message.networkHeader = start - ip6.HEADER;
    message.transportHeader = start;
    message.iif = skb.iif;
    message.protocol = ip6.ETHERTYPE;
    if ((table.socket as unknown as UpcallSocket).deliver(message)) return true;
    stack.drop(message, DropReason.SOCKET_RCVBUFF);
    return false;
  }

  // Linux: ip6mr_forward2()
  transmit(table: MrTable<ip6.In6>, skb: PacketBuffer, index: number): void {
    const ipv6 = this.#ipv6;
    const { stack } = ipv6.namespace;
    const vif = table.vifs[index];
    const bytes = skb.tail - skb.data;
    if (vif == null) {
      stack.consume(skb);
      return;
    }
    if (vif.register) {
      vif.packetsOut++;
      vif.bytesOut += bytes;
      vif.device.statistics.txBytes += bytes;
      vif.device.statistics.txPackets++;
      this.report(table, skb, index, WHOLEPKT);
      stack.consume(skb);
      return;
    }
    flow.reset();
    flow.oif = vif.link;
    flow.source6.fill(0);
    // A source is not chosen for what has one.
    ip6.readAddress(skb.view, skb.networkHeader + ip6.SOURCE, flow.source6);
    ip6.readAddress(skb.view, skb.networkHeader + ip6.DESTINATION, flow.destination6);
    const dst = ipv6.route(flow);
    if (dst.error !== 0 || !stack.pool.makeWritable(skb)) {
      stack.drop(skb, DropReason.IP_OUTNOROUTES);
      return;
    }
    vif.packetsOut++;
    vif.bytesOut += bytes;
    const input = skb.device;
    skb.dst = dst;
    skb.view.setUint8(skb.networkHeader + 7, ip6.hopLimit(skb.view, skb.networkHeader) - 1);
    skb.cb0 |= FORWARDED;
    if (ipv6.hooks.forward.length !== 0 && !ipv6.hooks.pass(skb, FORWARD, input, dst.device)) return;
    ip6Count(ipv6, dst.owner, Ip6Mib.OutForwDatagrams);
    ip6Count(ipv6, dst.owner, Ip6Mib.OutOctets, bytes);
    ip6Output(ipv6, skb);
  }

  destroy(): void {
    this.tables.destroy();
  }
}
