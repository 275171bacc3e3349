import { ARPHRD_ETHER, ARPHRD_IPGRE } from '../../../netlink/rtnl/constants.js';
import * as igmp from '../../../wire/igmp.js';
import * as ip from '../../../wire/ipv4.js';
import type { NetDevice } from '../../core/device.js';
import { Flow } from '../../core/flow.js';
import { GroupReporter, type Membership } from '../../core/group-reporter.js';
import { HeaderFields } from '../../core/internet.js';
import type { PacketBuffer } from '../../core/packet-buffer.js';
import { HEADROOM } from '../../core/packet-pool.js';
import type { Ipv4 } from '../ipv4.js';

const US_PER_MS = 1000;
/** RFC 1112, appendix I: what version 1 has instead of a time in its queries. */
const V1_RESPONSE_MS = 10_000;
/** Of its reports: internetwork control (RFC 3376 4). */
const TOS = 0xc0;
/** Header with router alert. */
const IP_BYTES = ip.HEADER + igmp.ROUTER_ALERT_OPTION.length;

const flow = new Flow();
const header = new HeaderFields();

/** IGMP of a host on one device: versions 1, 2 and 3 as the querier there has them. RFC 1112, 2236, 3376. */
export class IgmpReporter extends GroupReporter<number> {
  readonly #ipv4: Ipv4;
  /** Until when a querier of that version counts as present, microseconds of the stack's clock. */
  #v1UntilUs = 0;
  #v2UntilUs = 0;
  /** The report in hand, `data` at the IGMP header. */
  #report: PacketBuffer | null = null;
  #records = 0;

  constructor(ipv4: Ipv4, device: NetDevice) {
    super(device);
    this.#ipv4 = ipv4;
  }

  /** 1, 2 or 3: forced, or that of the oldest querier. Linux: IGMP_V1_SEEN(), IGMP_V2_SEEN() */
  get version(): number {
    const forced = this.#ipv4.forcedIgmpVersion(this.device);
    if (forced !== 0) return forced;
    const { nowUs } = this.device.stack;
    if (this.#v1UntilUs > nowUs) return 1;
    return this.#v2UntilUs > nowUs ? 2 : 3;
  }

  speaksRecords(): boolean {
    return this.version === 3;
  }

  defaultRobustness(): number {
    return this.#ipv4.settings.igmpQrv;
  }

  unsolicitedIntervalMs(): number {
    const config = this.device.ipv4?.config;
    if (this.version === 3) return config?.igmpv3UnsolicitedReportInterval ?? 1000;
    return config?.igmpv2UnsolicitedReportInterval ?? 10_000;
  }

  reports(group: number): boolean {
    return group !== igmp.ALL_HOSTS && (this.#ipv4.settings.igmpLinkLocalMcastReports !== 0 || !ip.isLocalMulticast(group));
  }

  protected sameAddress(a: number, b: number): boolean {
    return a === b;
  }

  protected listen(group: number, on: boolean): void {
    const { device } = this;
    const address = linkGroup(device, group);
    if (address === null) return;
    if (on ? device.multicastList.add(address) : device.multicastList.remove(address, false)) device.rxModeChanged();
  }

  /** A query has come, its checksum right: `at` where IGMP begins, `bytes` long. Linux: igmp_heard_query() */
  heardQuery(v: DataView, at: number, bytes: number): void {
    const kind = igmp.queryVersion(v, at, bytes);
    if (kind === 0) return;
    const { nowUs } = this.device.stack;
    const group = igmp.group(v, at);
    if (kind < 3) {
      const present = nowUs + (this.robustness * this.queryIntervalMs + this.responseIntervalMs) * US_PER_MS;
      if (kind === 1) this.#v1UntilUs = present;
      else this.#v2UntilUs = present;
      this.cancelChanges();
      if (kind === 1) this.answerQuery(null, null, V1_RESPONSE_MS);
      else this.answerQuery(group === 0 ? null : group, null, igmp.code(v, at) * 100);
      return;
    }
    const version = this.version;
    const delayMs = Math.max(igmp.v3ResponseTime(v, at) * 100, 4);
    if (version === 1) {
      this.answerQuery(null, null, V1_RESPONSE_MS);
      return;
    }
    if (version === 2) {
      this.answerQuery(group === 0 ? null : group, null, delayMs);
      return;
    }
    if (!igmp.hasQuerySources(v, at, bytes)) return;
    this.maxDelayMs = delayMs;
    this.queriedRobustness = igmp.robustness(v, at);
    this.queryIntervalMs = igmp.queryInterval(v, at) * 1000 || 125_000;
    // RFC 3376 8.3: answers come before the next query.
    if (this.responseIntervalMs >= this.queryIntervalMs) this.responseIntervalMs = this.queryIntervalMs - 1000;
    const sources: number[] = [];
    for (let i = 0, count = igmp.querySources(v, at); i < count; i++) sources.push(igmp.querySource(v, at, i));
    if (group !== 0) this.answerQuery(group, sources.length === 0 ? null : sources, delayMs);
    else if (sources.length === 0) this.answerGeneralQuery(delayMs);
  }

  // Version 1 and 2

  protected startOldReports(membership: Membership<number>): void {
    membership.unsolicited = this.robustness;
    this.startTimer(membership, 0);
  }

  protected sendOldReport(group: number): void {
    this.#sendOld(this.version === 1 ? igmp.V1_REPORT : igmp.V2_REPORT, group, group);
  }

  protected sendOldLeave(membership: Membership<number>): void {
    // Version 1 knows no leave; and whose report was not the last need not say that it goes (RFC 2236 6).
    if (this.version === 2 && membership.reporter) this.#sendOld(igmp.V2_LEAVE, igmp.ALL_ROUTERS, membership.group);
  }

  #sendOld(type: number, destination: number, group: number): void {
    const skb = this.device.stack.pool.allocate(igmp.HEADER, HEADROOM);
    if (skb === null) return;
    igmp.write(skb.view, skb.put(igmp.HEADER), type, 0, group);
    this.#send(skb, destination);
  }

  // Version 3

  protected addRecord(type: number, group: number, sources: readonly number[]): void {
    const room = this.device.mtu - IP_BYTES - igmp.V3_REPORT_HEADER;
    const fits = Math.max(1, Math.floor((room - igmp.RECORD_HEADER) / igmp.SOURCE_BYTES));
    let done = 0;
    do {
      // RFC 3376 4.2.16: of a filter that excludes, what does not fit one report is left out; others go on in the next.
      const count = Math.min(sources.length - done, fits);
      const skb = this.#reportWith(igmp.RECORD_HEADER + count * igmp.SOURCE_BYTES);
      if (skb === null) return;
      const at = skb.put(igmp.RECORD_HEADER + count * igmp.SOURCE_BYTES);
      igmp.writeRecord(skb.view, at, type, count, group);
      for (let i = 0; i < count; i++) skb.view.setUint32(at + igmp.RECORD_HEADER + i * igmp.SOURCE_BYTES, sources[done + i]!);
      this.#records++;
      done += count;
    } while (done < sources.length && type !== 2 && type !== 4);
  }

  /** The report in hand, with room for `bytes` more. */
  #reportWith(bytes: number): PacketBuffer | null {
    if (this.#report !== null && this.#report.length + bytes > this.device.mtu - IP_BYTES) this.sendRecords();
    if (this.#report !== null) return this.#report;
    const skb = this.device.stack.pool.allocate(this.device.mtu, HEADROOM);
    if (skb !== null) skb.put(igmp.V3_REPORT_HEADER);
    this.#report = skb;
    this.#records = 0;
    return skb;
  }

  protected sendRecords(): void {
    const skb = this.#report;
    if (skb === null) return;
    this.#report = null;
    igmp.writeReport(skb.view, skb.data, this.#records);
    this.#send(skb, igmp.V3_ROUTERS);
  }

  #send(skb: PacketBuffer, destination: number): void {
    const { stack } = this.device;
    igmp.writeChecksum(skb.view, skb.data, skb.length);
    flow.reset();
    flow.oif = this.device.ifindex;
    flow.protocol = igmp.PROTOCOL;
    flow.destination = destination;
    const dst = this.#ipv4.route(flow);
    if (dst.error !== 0) {
      stack.consume(skb);
      return;
    }
    header.ttl = 1;
    header.tos = TOS;
    header.dontFragment = true;
    header.options = igmp.ROUTER_ALERT_OPTION;
    header.id = -1;
    header.multicastLoop = true;
    this.#ipv4.output(skb, dst, flow, header);
  }
}

/** The link-layer group that packets to `group` go to; null: the link has none. Linux: arp_mc_map() */
export function linkGroup(device: NetDevice, group: number): Uint8Array | null {
  if (device.type === ARPHRD_ETHER) return Uint8Array.of(0x01, 0x00, 0x5e, (group >>> 16) & 0x7f, (group >>> 8) & 0xff, group & 0xff);
  if (device.type !== ARPHRD_IPGRE) return null;
  if (device.broadcast.some((byte) => byte !== 0)) return device.broadcast.slice(0, 4);
  return Uint8Array.of(group >>> 24, (group >>> 16) & 0xff, (group >>> 8) & 0xff, group & 0xff);
}
