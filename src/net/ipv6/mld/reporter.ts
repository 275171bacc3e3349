import { Timer } from '../../../base/timer-wheel.js';
import { ARPHRD_ETHER, ARPHRD_IPGRE, IFA_F_TENTATIVE, RTN_UNICAST } from '../../../netlink/rtnl/constants.js';
import { checksum } from '../../../wire/checksum.js';
import * as icmpv6 from '../../../wire/icmpv6.js';
import * as ip6 from '../../../wire/ipv6.js';
import * as mld from '../../../wire/mld.js';
import type { NetDevice } from '../../core/device.js';
import { GroupReporter, type Membership } from '../../core/group-reporter.js';
import type { PacketBuffer } from '../../core/packet-buffer.js';
import { copyBytes, HEADROOM } from '../../core/packet-pool.js';
import { icmp6CountOut } from '../count.js';
import type { Ipv6 } from '../ipv6.js';
import { ip6CountOut, ip6LocalOut } from '../output.js';
import { Rt6 } from '../rt6.js';

const US_PER_MS = 1000;
/** IPv6 header and hop-by-hop options with router alert. */
const IP_BYTES = ip6.HEADER + mld.ROUTER_ALERT_HEADER.length;

/** MLD of a host on one device: versions 1 and 2 as the querier there has them. RFC 2710, RFC 3810. */
export class MldReporter extends GroupReporter<ip6.In6> {
  readonly #ipv6: Ipv6;
  /** Until when a querier of version 1 counts as present, microseconds of the stack's clock. */
  #v1UntilUs = 0;
  /** First reports that are still to come once there is an address to speak from (mc_dad_count). */
  #initialReports = 0;
  readonly #initialTimer = new Timer(() => this.#initial());
  readonly #way = new Rt6();
  /** The report in hand, `data` at the ICMPv6 header. */
  #report: PacketBuffer | null = null;
  #records = 0;

  constructor(ipv6: Ipv6, device: NetDevice) {
    super(device);
    this.#ipv6 = ipv6;
    this.#way.device = device;
    this.#way.type = RTN_UNICAST;
  }

  /** 1 or 2: forced, or that of the oldest querier. */
  get version(): number {
    const forced = this.device.ipv6?.forcedMldVersion() ?? 0;
    if (forced !== 0) return forced;
    return this.#v1UntilUs > this.device.stack.nowUs ? 1 : 2;
  }

  speaksRecords(): boolean {
    return this.version === 2;
  }

  defaultRobustness(): number {
    return this.#ipv6.settings.mldQrv;
  }

  unsolicitedIntervalMs(): number {
    const config = this.device.ipv6?.config;
    if (this.version === 2) return config?.mldv2UnsolicitedReportInterval ?? 1000;
    return config?.mldv1UnsolicitedReportInterval ?? 10_000;
  }

  reports(group: ip6.In6): boolean {
    return ip6.multicastScope(group) >= 2 && !ip6.equalAddress(group, ip6.ALL_NODES);
  }

  protected sameAddress(a: ip6.In6, b: ip6.In6): boolean {
    return ip6.equalAddress(a, b);
  }

  protected listen(group: ip6.In6, on: boolean): void {
    // What does not leave the host needs no link.
    if (ip6.multicastScope(group) < 2) return;
    const { device } = this;
    const address = linkGroup6(device, group);
    if (address === null) return;
    if (on ? device.multicastList.add(address) : device.multicastList.remove(address, false)) device.rxModeChanged();
  }

  override deviceUp(): void {
    this.#v1UntilUs = 0;
    super.deviceUp();
  }

  override stop(): void {
    super.stop();
    this.#initialReports = 0;
    this.device.stack.timers.cancel(this.#initialTimer);
  }

  /** The first address may be spoken from: the groups are told again, now that routers know who speaks. Linux: ipv6_mc_dad_complete() */
  dadComplete(): void {
    this.#initialReports = this.robustness;
    this.#initial();
  }

  #initial(): void {
    if (this.#initialReports === 0) return;
    this.sendInitialState();
    if (--this.#initialReports === 0) return;
    const { stack } = this.device;
    const delayUs = ((stack.random.u32() % Math.max(1, this.unsolicitedIntervalMs())) + 4) * US_PER_MS;
    stack.timers.schedule(this.#initialTimer, stack.nowUs + delayUs);
  }

  /** A query has come, its checksum right: `at` where MLD begins, `bytes` long. Linux: igmp6_event_query() */
  heardQuery(v: DataView, at: number, bytes: number): void {
    const kind = mld.queryVersion(bytes);
    const group = mld.group(v, at, new Uint32Array(4));
    const general = ip6.isAny(group);
    if (kind === 0 || (!general && !ip6.isMulticast(group))) return;
    const forced = this.device.ipv6?.forcedMldVersion() ?? 0;
    if (kind === 1) {
      // Linux: mld_process_v1(): who is held to version 2 does not hear it.
      if (forced === 2) return;
      const delayMs = Math.max(mld.code(v, at), 4);
      this.#v1UntilUs = this.device.stack.nowUs + (this.robustness * this.queryIntervalMs + delayMs) * US_PER_MS;
      this.cancelChanges();
      this.answerQuery(general ? null : group, null, delayMs);
      return;
    }
    if (!mld.hasQuerySources(v, at, bytes)) return;
    if (this.version === 1) {
      // RFC 3810 8.2.1: answered as version 1 would.
      this.answerQuery(general ? null : group, null, Math.max(Math.min(mld.v2ResponseDelay(v, at), 0xffff), 4));
      return;
    }
    const delayMs = Math.max(mld.v2ResponseDelay(v, at), 4);
    this.maxDelayMs = delayMs;
    this.queriedRobustness = mld.robustness(v, at);
    this.queryIntervalMs = mld.queryInterval(v, at) * 1000 || 125_000;
    this.responseIntervalMs = delayMs;
    const count = mld.querySources(v, at);
    if (general) {
      if (count === 0) this.answerGeneralQuery(delayMs);
      return;
    }
    const sources: ip6.In6[] = [];
    for (let i = 0; i < count; i++) sources.push(mld.querySource(v, at, i, new Uint32Array(4)));
    this.answerQuery(group, count === 0 ? null : sources, delayMs);
  }

  // Version 1

  /** RFC 2710 4: at once, and a second time. Linux: igmp6_join_group() */
  protected startOldReports(membership: Membership<ip6.In6>): void {
    this.sendOldReport(membership.group);
    membership.reporter = true;
    this.startTimerWithin(membership, this.unsolicitedIntervalMs());
  }

  protected sendOldReport(group: ip6.In6): void {
    this.#sendOld(icmpv6.MLD_REPORT, group, group);
  }

  protected sendOldLeave(membership: Membership<ip6.In6>): void {
    if (membership.reporter) this.#sendOld(icmpv6.MLD_DONE, ip6.ALL_ROUTERS, membership.group);
  }

  #sendOld(type: number, destination: ip6.In6, group: ip6.In6): void {
    const skb = this.device.stack.pool.allocate(mld.HEADER, HEADROOM);
    if (skb === null) return;
    mld.write(skb.view, skb.put(mld.HEADER), type, 0, group);
    this.#send(skb, destination);
  }

  // Version 2

  protected addRecord(type: number, group: ip6.In6, sources: readonly ip6.In6[]): void {
    const room = this.#mtu - IP_BYTES - mld.V2_REPORT_HEADER;
    const fits = Math.max(1, Math.floor((room - mld.RECORD_HEADER) / mld.SOURCE_BYTES));
    let done = 0;
    do {
      // RFC 3810 5.2.15: of a filter that excludes, what does not fit one report is left out; others go on in the next.
      const count = Math.min(sources.length - done, fits);
      const bytes = mld.RECORD_HEADER + count * mld.SOURCE_BYTES;
      const skb = this.#reportWith(bytes);
      if (skb === null) return;
      const at = skb.put(bytes);
      mld.writeRecord(skb.view, at, type, count, group);
      for (let i = 0; i < count; i++) ip6.writeAddress(skb.view, at + mld.RECORD_HEADER + i * mld.SOURCE_BYTES, sources[done + i]!);
      this.#records++;
      done += count;
    } while (done < sources.length && type !== 2 && type !== 4);
  }

  get #mtu(): number {
    return this.device.ipv6?.mtu ?? ip6.MIN_MTU;
  }

  /** The report in hand, with room for `bytes` more. */
  #reportWith(bytes: number): PacketBuffer | null {
    if (this.#report !== null && this.#report.length + bytes > this.#mtu - IP_BYTES) this.sendRecords();
    if (this.#report !== null) return this.#report;
    const skb = this.device.stack.pool.allocate(this.#mtu, HEADROOM);
    if (skb !== null) skb.put(mld.V2_REPORT_HEADER);
    this.#report = skb;
    this.#records = 0;
    return skb;
  }

  protected sendRecords(): void {
    const skb = this.#report;
    if (skb === null) return;
    this.#report = null;
    mld.writeReport(skb.view, skb.data, this.#records);
    this.#send(skb, mld.V2_ROUTERS);
  }

  /** The link-local address of the device; :: while there is none that may be used (RFC 3590). */
  #source(): ip6.In6 {
    for (const held of this.device.ipv6?.addresses ?? [])
      if (ip6.isLinkLocal(held.address) && (held.flags & IFA_F_TENTATIVE) === 0) return held.address;
    return ip6.ANY;
  }

  #send(skb: PacketBuffer, destination: ip6.In6): void {
    const { stack } = this.device;
    const { ipv6 } = this.device;
    if (ipv6 === null || ipv6.disabled() || !this.device.up) {
      stack.consume(skb);
      return;
    }
    const v = skb.view;
    const transport = skb.data;
    const bytes = skb.tail - transport;
    const source = this.#source();
    v.setUint16(transport + icmpv6.CHECKSUM_AT, 0);
    v.setUint16(
      transport + icmpv6.CHECKSUM_AT,
      checksum(v, transport, bytes, ip6.pseudoHeaderSum(source, destination, icmpv6.PROTOCOL, bytes)),
    );
    const options = mld.ROUTER_ALERT_HEADER;
    copyBytes(options, 0, skb.bytes, skb.push(options.length), options.length);
    const at = skb.push(ip6.HEADER);
    v.setUint32(at, 0x6000_0000);
    v.setUint8(at + 6, ip6.NEXTHDR_HOP);
    v.setUint8(at + 7, 1);
    ip6.writeAddress(v, at + ip6.SOURCE, source);
    ip6.writeAddress(v, at + ip6.DESTINATION, destination);
    skb.networkHeader = at;
    skb.transportHeader = transport;
    skb.cb0 = 0;
    skb.cb1 = 0;
    skb.cb2 = ip6.HEADER;
    skb.cb3 = IP_BYTES;
    skb.dst = this.#way;
    icmp6CountOut(this.#ipv6, this.#way.owner, v.getUint8(transport));
    ip6CountOut(this.#ipv6, this.#way, skb.tail - at);
    ip6LocalOut(this.#ipv6, skb);
  }
}

/** The link-layer group that packets to `group` go to; null: the link has none. Linux: ndisc_mc_map() */
function linkGroup6(device: NetDevice, group: ip6.In6): Uint8Array | null {
  const low = group[3]!;
  if (device.type === ARPHRD_ETHER) return Uint8Array.of(0x33, 0x33, low >>> 24, (low >>> 16) & 0xff, (low >>> 8) & 0xff, low & 0xff);
  if (device.type === ARPHRD_IPGRE && device.broadcast.some((byte) => byte !== 0)) return device.broadcast.slice(0, 4);
  return null;
}
