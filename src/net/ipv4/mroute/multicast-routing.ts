import { hash2 } from '../../../base/hash.js';
import { RT_TABLE_DEFAULT } from '../../../netlink/rtnl/constants.js';
import * as ip from '../../../wire/ipv4.js';
import type { NetDevice } from '../../core/device.js';
import { DropReason } from '../../core/drop-reason.js';
import { Flow } from '../../core/flow.js';
import { FORWARD } from '../../core/hooks.js';
import type { McForwardingEvent, UpcallSocket } from '../../core/mroute/events.js';
import { type MrFamily, type MrTable, WHOLEPKT, WRVIFWHOLE } from '../../core/mroute/table.js';
import { MrTables } from '../../core/mroute/tables.js';
import { Notifier } from '../../core/notifier.js';
import { PACKET_LOOPBACK, type PacketBuffer } from '../../core/packet-buffer.js';
import { copyBytes, HEADROOM } from '../../core/packet-pool.js';
import { FORWARDED, HAS_OPTIONS } from '../control-block.js';
import type { Ipv4 } from '../ipv4.js';
import { forwardOptions } from '../options.js';
import { ipOutput } from '../output.js';

const IGMP_BYTES = 8;
const flow = new Flow();

/** Multicast routing of IPv4 in one namespace. Linux: net/ipv4/ipmr.c */
export class MulticastRouting implements MrFamily<number> {
  readonly any = 0;
  readonly tables: MrTables<number>;
  readonly forwardingEvents = new Notifier<McForwardingEvent>();
  readonly #ipv4: Ipv4;
  readonly #seed: number;

  constructor(ipv4: Ipv4) {
    this.#ipv4 = ipv4;
    this.#seed = ipv4.namespace.stack.hashSeed;
    this.tables = new MrTables<number>(ipv4.namespace, this, RT_TABLE_DEFAULT);
  }

  hash(origin: number, group: number): number {
    return hash2(this.#seed, origin, group);
  }

  same(a: number, b: number): boolean {
    return a === b;
  }

  isGroup(address: number): boolean {
    return ip.isMulticast(address);
  }

  ttl(skb: PacketBuffer): number {
    return ip.ttl(skb.view, skb.networkHeader);
  }

  counted(device: NetDevice, by: number): void {
    if (device.ipv4 === null) return;
    device.ipv4.config.mcForwarding += by;
    this.forwardingEvents.notify({ device });
  }

  /**
   * A packet to a group that routers forward has come in by `device`: copies go on. True: it is for this host, too, and the caller's;
   * false: it was taken. Linux: ip_mr_input()
   */
  input(skb: PacketBuffer, device: NetDevice): boolean {
    const { stack } = this.#ipv4.namespace;
    const v = skb.view;
    const at = skb.networkHeader;
    const origin = ip.source(v, at);
    const group = ip.destination(v, at);
    const protocol = ip.protocol(v, at);
    const local = this.#ipv4.multicast.isMember(device, group, origin, protocol);
    const own = skb.packetType === PACKET_LOOPBACK;
    const table = this.#tableFor(skb, device, origin, group, own);
    if (table === null) {
      stack.drop(skb, DropReason.NOT_SPECIFIED);
      return false;
    }
    // Reports of hosts are the daemon's, of whatever group.
    if (!local && protocol === ip.PROTOCOL_IGMP && table.socket !== null) {
      if (!(table.socket as unknown as UpcallSocket).deliver(skb)) stack.drop(skb, DropReason.SOCKET_RCVBUFF);
      return false;
    }
    const vif = table.vifOf(device);
    const entry = table.lookup(origin, group, vif);
    if (entry !== null) {
      table.forward(skb, device, entry, local, own);
      return local;
    }
    if (vif < 0) {
      if (!local) stack.drop(skb, DropReason.NOT_SPECIFIED);
      return local;
    }
    table.queue(local ? stack.pool.clone(skb) : skb, origin, group, vif);
    return local;
  }

  #tableFor(skb: PacketBuffer, device: NetDevice, origin: number, group: number, own: boolean): MrTable<number> | null {
    flow.reset();
    flow.source = origin;
    flow.destination = group;
    flow.tos = ip.tos(skb.view, skb.networkHeader) & 0x1c;
    flow.mark = skb.mark;
    flow.iif = own ? this.#ipv4.namespace.loopback.ifindex : device.ifindex;
    flow.oif = own ? device.ifindex : 0;
    return this.tables.lookup(flow);
  }

  /** struct igmpmsg in the place of the IP header. Linux: ipmr_cache_report() */
  report(table: MrTable<number>, skb: PacketBuffer, vif: number, kind: number): boolean {
    if (table.socket === null) return false;
    const { stack } = this.#ipv4.namespace;
    const at = skb.networkHeader;
    const whole = kind === WHOLEPKT || kind === WRVIFWHOLE;
    const headerBytes = ip.headerLength(skb.view, at);
    const length = whole ? ip.HEADER + (skb.tail - at) : headerBytes + IGMP_BYTES;
    const message = stack.pool.allocate(length, HEADROOM);
    if (message === null) return false;
    const start = message.put(length);
    const v = message.view;
    if (whole) {
      copyBytes(skb.bytes, at, message.bytes, start, ip.HEADER);
      copyBytes(skb.bytes, at, message.bytes, start + ip.HEADER, skb.tail - at);
      v.setUint8(start, 0x45);
    } else {
      copyBytes(skb.bytes, at, message.bytes, start, headerBytes);
      v.setUint32(start + headerBytes, kind * 0x100_0000);
      v.setUint32(start + headerBytes + 4, 0);
    }
    v.setUint16(start + 2, length);
    v.setUint8(start + 8, kind);
    v.setUint8(start + 9, 0);
    const shown = kind === WHOLEPKT ? table.registerVif : vif;
    v.setUint8(start + 10, shown & 0xff);
    v.setUint8(start + 11, shown >>> 8);
    message.networkHeader = start;
    message.iif = skb.iif;
    message.protocol = ip.ETHERTYPE;
    if ((table.socket as unknown as UpcallSocket).deliver(message)) return true;
    stack.drop(message, DropReason.SOCKET_RCVBUFF);
    return false;
  }

  // Linux: ipmr_queue_xmit()
  transmit(table: MrTable<number>, skb: PacketBuffer, index: number): void {
    const ipv4 = this.#ipv4;
    const { stack } = ipv4.namespace;
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
    const at = skb.networkHeader;
    flow.reset();
    flow.destination = ip.destination(skb.view, at);
    flow.source = 0;
    flow.tos = ip.tos(skb.view, at) & 0x1c;
    flow.oif = vif.link;
    flow.protocol = ip.protocol(skb.view, at);
    const dst = ipv4.route(flow);
    const tooLong = dst.error === 0 && bytes > ipv4.pathMtu(dst) && (ip.fragment(skb.view, at) & ip.DF) !== 0;
    // To a group no ICMP may answer: what is too long for a way is lost there.
    if (tooLong) ipv4.stats.fragFails++;
    if (dst.error !== 0 || tooLong || !stack.pool.makeWritable(skb)) {
      stack.drop(skb, tooLong ? DropReason.PKT_TOO_BIG : DropReason.IP_OUTNOROUTES);
      return;
    }
    vif.packetsOut++;
    vif.bytesOut += bytes;
    const input = skb.device;
    skb.dst = dst;
    const view = skb.view;
    const word = view.getUint16(at + 8);
    view.setUint16(at + 8, word - 0x100);
    // RFC 1141
    const check = view.getUint16(at + 10) + 0x100;
    view.setUint16(at + 10, (check & 0xffff) + (check >= 0xffff ? 1 : 0));
    skb.cb0 |= FORWARDED;
    if (ipv4.hooks.forward.length !== 0 && !ipv4.hooks.pass(skb, FORWARD, input, dst.device)) return;
    ipv4.stats.forwDatagrams++;
    ipv4.stats.outOctets += bytes;
    if ((skb.cb3 & HAS_OPTIONS) !== 0) forwardOptions(ipv4, skb);
    ipOutput(ipv4, skb);
  }

  destroy(): void {
    this.tables.destroy();
  }
}
