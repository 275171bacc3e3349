import { EACCES, ECONNREFUSED, EHOSTUNREACH, EMSGSIZE, ENETUNREACH, EPROTO } from '../../base/errno.js';
import { hash4 } from '../../base/hash.js';
import { IFF_LOOPBACK, RTN_ANYCAST, RTN_LOCAL } from '../../netlink/rtnl/constants.js';
import * as checksum from '../../wire/checksum.js';
import * as icmpv6 from '../../wire/icmpv6.js';
import { skipHeaders } from '../../wire/ipv6-extensions.js';
import * as ip6 from '../../wire/ipv6.js';
import { DropReason } from '../core/drop-reason.js';
import { Flow } from '../core/flow.js';
import { HeaderFields, LABEL_BY_NAMESPACE, type Transport } from '../core/internet.js';
import { REFLECT_ECHO_REPLY } from './flow-label.js';
import { CHECKSUM_NONE, CHECKSUM_PARTIAL, PACKET_HOST, type PacketBuffer } from '../core/packet-buffer.js';
import { copyBytes, HEADROOM } from '../core/packet-pool.js';
import { PeerTable } from '../ipv4/peers.js';
import { answerProbe } from '../ipv4/probe.js';
import { heldBy, icmp6Count, icmp6CountIn, icmp6CountOut } from './count.js';
import type { Ipv6Device } from './device.js';
import type { Ipv6 } from './ipv6.js';
import { mldReceive } from './mld/receive.js';
import { Rt6 } from './rt6.js';
import { Icmp6Mib } from './snmp.js';
import { l3DomainOf } from '../core/l3mdev.js';

/** An error is no longer than what every link carries (RFC 4443 2.4 c). */
const ERROR_BYTES = ip6.MIN_MTU;
/** So many errors at once for one peer (XRLIM_BURST_FACTOR). */
const BURST = 6;

/** Takes answers to echo requests of this host: the ping sockets. Does not take ownership; true: a socket had wanted it. */
export interface PingReceiver6 {
  deliver6(skb: PacketBuffer): boolean;
  error6(skb: PacketBuffer, payload: number, icmpType: number, icmpCode: number, errno: number, info: number): void;
}

/** tab_unreach: what a code of DEST_UNREACH becomes on a socket. */
const UNREACH_ERRNO: readonly number[] = [ENETUNREACH, EACCES, EHOSTUNREACH, EHOSTUNREACH, ECONNREFUSED, EACCES, EACCES];

/** The errno of an ICMPv6 error. Linux: icmpv6_err_convert() */
export function icmpv6Errno(type: number, code: number): number {
  if (type === icmpv6.DEST_UNREACH) return UNREACH_ERRNO[code] ?? EPROTO;
  if (type === icmpv6.PACKET_TOO_BIG) return EMSGSIZE;
  if (type === icmpv6.TIME_EXCEEDED) return EHOSTUNREACH;
  return EPROTO;
}

/** Whether a socket is told even if it did not ask (IPV6_RECVERR). */
export function icmpv6Fatal(type: number, code: number): boolean {
  if (type === icmpv6.DEST_UNREACH) return code < UNREACH_ERRNO.length && (code === 1 || code === 4 || code === 5 || code === 6);
  return type === icmpv6.PARAMETER_PROBLEM;
}

/** ICMPv6 of one namespace, RFC 4443, with Linux's limits. */
export class Icmpv6 implements Transport {
  readonly protocol = icmpv6.PROTOCOL;
  ping: PingReceiver6 | null = null;
  readonly #ipv6: Ipv6;
  readonly #flow = new Flow();
  readonly #header = new HeaderFields();
  readonly #peers: PeerTable;
  readonly #seed: number;
  readonly #source = new Uint32Array(4);
  readonly #chosen = new Uint32Array(4);
  readonly #destination = new Uint32Array(4);
  #credit = 0;
  #creditStampMs = Number.NEGATIVE_INFINITY;

  constructor(ipv6: Ipv6) {
    this.#ipv6 = ipv6;
    this.#peers = new PeerTable(ipv6.namespace.stack);
    this.#seed = ipv6.namespace.stack.random.u32();
  }

  /** icmpv6_rcv(): `skb.data` at the ICMPv6 header. Takes ownership. */
  receive(skb: PacketBuffer): void {
    const ipv6 = this.#ipv6;
    const owner = receiverOf(skb);
    const { stack } = ipv6.namespace;
    const at = skb.data;
    const bytes = skb.tail - at;
    const v = skb.view;
    icmp6Count(ipv6, owner, Icmp6Mib.InMsgs);
    if (bytes < 4) {
      icmp6Count(ipv6, owner, Icmp6Mib.InErrors);
      stack.drop(skb, DropReason.PKT_TOO_SMALL);
      return;
    }
    const pseudo = ip6.pseudoHeaderSumAt(v, skb.networkHeader + ip6.SOURCE, icmpv6.PROTOCOL, bytes);
    if (skb.ipSummed === CHECKSUM_NONE && !checksum.verify(v, at, bytes, pseudo)) {
      icmp6Count(ipv6, owner, Icmp6Mib.InCsumErrors);
      icmp6Count(ipv6, owner, Icmp6Mib.InErrors);
      stack.drop(skb, DropReason.ICMP_CSUM);
      return;
    }
    const type = v.getUint8(at);
    icmp6CountIn(ipv6, owner, type);
    if (bytes < icmpv6.HEADER) {
      icmp6Count(ipv6, owner, Icmp6Mib.InErrors);
      stack.drop(skb, DropReason.PKT_TOO_SMALL);
      return;
    }
    switch (type) {
      case icmpv6.ECHO_REQUEST:
        this.#echo(skb, icmpv6.ECHO_REPLY << 8);
        return;
      case icmpv6.EXT_ECHO_REQUEST:
        this.#extendedEcho(skb);
        return;
      case icmpv6.ECHO_REPLY:
      case icmpv6.EXT_ECHO_REPLY:
        if (this.ping === null || !this.ping.deliver6(skb)) stack.drop(skb, DropReason.NO_SOCKET);
        else stack.consume(skb);
        return;
      case icmpv6.PACKET_TOO_BIG:
      case icmpv6.DEST_UNREACH:
      case icmpv6.TIME_EXCEEDED:
      case icmpv6.PARAMETER_PROBLEM:
        this.#notify(skb, type);
        return;
      case icmpv6.ROUTER_SOLICITATION:
      case icmpv6.ROUTER_ADVERTISEMENT:
      case icmpv6.NEIGHBOUR_SOLICITATION:
      case icmpv6.NEIGHBOUR_ADVERTISEMENT:
      case icmpv6.REDIRECT:
        ipv6.ndisc.receive(skb);
        return;
      case icmpv6.MLD_QUERY:
      case icmpv6.MLD_REPORT:
      case icmpv6.MLD_DONE:
      case icmpv6.MLD2_REPORT:
        mldReceive(ipv6, skb);
        stack.consume(skb);
        return;
      default:
        // RFC 4443 2.4: unknown errors go up, unknown questions nowhere.
        if (icmpv6.isInformational(type)) stack.consume(skb);
        else this.#notify(skb, type);
    }
  }

  /** An error about an ICMPv6 message of this host: only those of echo requests interest anybody. */
  error(skb: PacketBuffer, icmpType: number, icmpCode: number, errno: number, info: number): void {
    const payload = skb.transportHeader;
    if (payload < skb.tail && skb.view.getUint8(payload) === icmpv6.ECHO_REQUEST)
      this.ping?.error6(skb, payload, icmpType, icmpCode, errno, info);
  }

  /**
   * icmpv6_send(): an error about `skb` (`networkHeader` set), which stays the caller's. `info` is the second word of the header: the
   * MTU or the pointer. Says nothing where RFC 4443 2.4 wants silence, or a limit does.
   */
  sendError(skb: PacketBuffer, type: number, code: number, info: number): void {
    const ipv6 = this.#ipv6;
    const v = skb.view;
    const at = skb.networkHeader;
    if (at < 0 || at + ip6.HEADER > skb.tail) return;
    const from = ip6.readAddress(v, at + ip6.SOURCE, this.#source);
    const to = ip6.readAddress(v, at + ip6.DESTINATION, this.#destination);
    const unknownOption = type === icmpv6.PARAMETER_PROBLEM && code === icmpv6.UNKNOWN_OPTION;
    const toMany = ip6.isMulticast(to) || skb.packetType !== PACKET_HOST;
    if (toMany && type !== icmpv6.PACKET_TOO_BIG && !unknownOption) return;
    // RFC 4443 2.4 e.6: a source that is nobody's.
    if (ip6.isAny(from) || ip6.isMulticast(from)) return;
    if (ineligible(skb, at)) return;
    if (!this.#globalAllow(type)) {
      // Linux: icmpv6_global_allow(): the bucket is that of both families, and so is its counter.
      ipv6.namespace.ipv4.icmpStats.outRateLimitGlobal++;
      return;
    }
    const flow = this.#flow;
    flow.reset();
    flow.protocol = icmpv6.PROTOCOL;
    flow.mark = ipv6.settings.fwmarkReflect !== 0 ? skb.mark : 0;
    ip6.copyAddress(from, flow.destination6);
    if (ipv6.addresses.isLocal(to, null) && !ip6.isMulticast(to)) ip6.copyAddress(to, flow.source6);
    else flow.source6.fill(0);
    flow.oif = ip6.needsScopeId(from) ? interfaceOf(skb) : skb.device === null ? 0 : l3DomainOf(skb.device);
    const anySource = ip6.isAny(flow.source6);
    const dst = ipv6.route(flow);
    if (dst.error !== 0) return;
    if (anySource && dst.info?.preferredSource === null) this.#speakFrom(skb, flow);
    if (!this.#unlimited(type) && (dst.device!.flags & IFF_LOOPBACK) === 0 && !this.#peerAllow(dst, from)) {
      icmp6Count(ipv6, dst.owner, Icmp6Mib.OutRateLimitHost);
      return;
    }
    const room = ERROR_BYTES - ip6.HEADER - icmpv6.HEADER;
    const quoted = Math.min(room, skb.tail - at);
    const answer = ipv6.namespace.stack.pool.allocate(icmpv6.HEADER + quoted, HEADROOM);
    if (answer === null) return;
    ipv6.namespace.stack.pool.attachConntrack(skb, answer);
    const start = answer.put(icmpv6.HEADER + quoted);
    answer.view.setUint8(start, type);
    answer.view.setUint8(start + 1, code);
    answer.view.setUint32(start + 4, info);
    copyBytes(skb.bytes, at, answer.bytes, start + icmpv6.HEADER, quoted);
    this.#finish(answer, start, flow, dst, 0);
  }

  /** An error comes from the link that the packet came in by, so that a traceroute shows the way there. Linux: icmp6_send() */
  #speakFrom(skb: PacketBuffer, flow: Flow): void {
    const ipv6 = this.#ipv6;
    const ifindex = skb.sdif !== 0 ? skb.sdif : skb.iif;
    const device = ifindex === 0 ? skb.device : ipv6.namespace.deviceByIndex(ifindex);
    if (device === null || device === undefined) return;
    const chosen = this.#chosen;
    if (ipv6.addresses.select(device, flow.destination6, chosen)) ip6.copyAddress(chosen, flow.source6);
  }

  /** One packet a `intervalMs` for a peer, six at once (inet_peer_xrlim_allow()). */
  allowPeer(address: ip6.In6, intervalMs: number): boolean {
    if (intervalMs === 0) return true;
    const peer = this.#peers.get(hash4(this.#seed, address[0]!, address[1]!, address[2]!, address[3]!));
    const nowMs = Math.floor(this.#ipv6.namespace.stack.nowUs / 1000);
    peer.tokens = Math.min(peer.tokens + nowMs - peer.rateLastMs, BURST * intervalMs);
    peer.rateLastMs = nowMs;
    if (peer.tokens < intervalMs) return false;
    peer.tokens -= intervalMs;
    return true;
  }

  /** Puts the checksum in and sends (icmpv6_push_pending_frames()). */
  #finish(answer: PacketBuffer, start: number, flow: Flow, dst: Rt6, trafficClass: number, label = 0): void {
    const ipv6 = this.#ipv6;
    const type = answer.view.getUint8(start);
    answer.mark = flow.mark;
    const bytes = answer.tail - start;
    const pseudo = ip6.pseudoHeaderSum(flow.source6, flow.destination6, icmpv6.PROTOCOL, bytes);
    answer.view.setUint16(start + 2, 0);
    answer.view.setUint16(start + 2, checksum.checksum(answer.view, start, bytes, pseudo));
    const header = this.#header;
    header.tos = trafficClass;
    header.ttl = 0;
    header.dontFragment = false;
    header.flowLabel = label;
    header.autoFlowLabel = LABEL_BY_NAMESPACE;
    icmp6CountOut(ipv6, dst.owner, type);
    if (ipv6.output(answer, dst, flow, header) !== 0) icmp6Count(ipv6, dst.owner, Icmp6Mib.OutErrors);
  }

  /** RFC 8335. Takes ownership. */
  #extendedEcho(skb: PacketBuffer): void {
    const { namespace } = this.#ipv6;
    const answer = answerProbe(namespace, skb.view, skb.data, skb.tail);
    if (answer < 0) namespace.stack.consume(skb);
    else this.#echo(skb, (icmpv6.EXT_ECHO_REPLY << 8) | (answer >> 8), answer & 0xff);
  }

  /** icmpv6_echo_reply(): `state`, of an extended answer, goes into the header's last byte (-1: it is none). Takes ownership. */
  #echo(skb: PacketBuffer, typeAndCode: number, state = -1): void {
    const ipv6 = this.#ipv6;
    const { stack } = ipv6.namespace;
    const { settings } = ipv6;
    const v = skb.view;
    const at = skb.networkHeader;
    const flow = this.#flow;
    flow.reset();
    const from = ip6.readAddress(v, at + ip6.SOURCE, flow.destination6);
    const to = ip6.readAddress(v, at + ip6.DESTINATION, flow.source6);
    const group = ip6.isMulticast(to);
    const anycast = !group && skb.dst !== null && skb.dst.type === RTN_ANYCAST;
    const silent = settings.icmpEchoIgnoreAll !== 0 || (group && settings.icmpEchoIgnoreMulticast !== 0);
    if (silent || (anycast && settings.icmpEchoIgnoreAnycast !== 0)) {
      stack.consume(skb);
      return;
    }
    const own = !group && (!anycast || settings.anycastSrcEchoReply !== 0) && (skb.dst === null || skb.dst.type === RTN_LOCAL || anycast);
    if (!own) flow.source6.fill(0);
    flow.protocol = icmpv6.PROTOCOL;
    flow.mark = settings.fwmarkReflect !== 0 ? skb.mark : 0;
    const inDomain = skb.sdif !== 0 || (skb.device !== null && skb.device.l3Table !== 0);
    flow.oif = ip6.needsScopeId(from) || group || inDomain ? interfaceOf(skb) : 0;
    const trafficClass = ip6.trafficClass(v, at);
    const label = (settings.flowlabelReflect & REFLECT_ECHO_REPLY) !== 0 ? ip6.flowLabel(v, at) : 0;
    const dst = ipv6.route(flow);
    if (dst.error !== 0) {
      stack.drop(skb, DropReason.IP_OUTNOROUTES);
      return;
    }
    const bytes = skb.tail - skb.data;
    const answer = stack.pool.allocate(bytes, HEADROOM);
    if (answer === null) {
      stack.drop(skb, DropReason.NOMEM);
      return;
    }
    const start = answer.put(bytes);
    copyBytes(skb.bytes, skb.data, answer.bytes, start, bytes);
    answer.view.setUint16(start, typeAndCode);
    if (state >= 0) answer.view.setUint8(start + 7, state);
    if (skb.ipSummed === CHECKSUM_PARTIAL) skb.ipSummed = CHECKSUM_NONE;
    stack.consume(skb);
    this.#finish(answer, start, flow, dst, trafficClass, label);
  }

  /** icmpv6_notify(): an error about a packet of this host goes to the transport that sent it. Takes ownership. */
  #notify(skb: PacketBuffer, type: number): void {
    const ipv6 = this.#ipv6;
    const { stack } = ipv6.namespace;
    const v = skb.view;
    const inner = skb.data + icmpv6.HEADER;
    if (inner + ip6.HEADER > skb.tail) {
      icmp6Count(ipv6, heldBy(skb), Icmp6Mib.InErrors);
      stack.drop(skb, DropReason.PKT_TOO_SMALL);
      return;
    }
    const found = skipHeaders(v, inner, skb.tail);
    const { protocol, offset, fragmentOffset } = found;
    // At least eight bytes of the transport, and its beginning.
    if (offset < 0 || fragmentOffset > 0 || offset + 8 > skb.tail) {
      icmp6Count(ipv6, heldBy(skb), Icmp6Mib.InErrors);
      stack.drop(skb, DropReason.PKT_TOO_SMALL);
      return;
    }
    const code = v.getUint8(skb.data + 1);
    const info = icmpv6.info(v, skb.data);
    const errno = icmpv6Errno(type, code);
    if (type === icmpv6.PACKET_TOO_BIG) this.#updatePathMtu(skb, inner, info);
    skb.data = inner;
    skb.transportHeader = offset;
    ipv6.transports[protocol]?.error(skb, type, code, errno, info);
    ipv6.rawReceiver?.error(skb, offset, protocol, type, code, errno, info);
    stack.consume(skb);
  }

  #updatePathMtu(skb: PacketBuffer, inner: number, mtu: number): void {
    const ipv6 = this.#ipv6;
    const flow = this.#flow;
    flow.reset();
    ip6.readAddress(skb.view, inner + ip6.SOURCE, flow.source6);
    ip6.readAddress(skb.view, inner + ip6.DESTINATION, flow.destination6);
    flow.protocol = ip6.nextHeader(skb.view, inner);
    // Somebody else's packet does not change our ways.
    if (!ipv6.addresses.isLocal(flow.source6, null)) return;
    flow.oif = ip6.needsScopeId(flow.destination6) ? interfaceOf(skb) : skb.device === null ? 0 : l3DomainOf(skb.device);
    ipv6.updatePathMtu(flow, mtu);
  }

  /** Types outside of icmp.ratemask. */
  #unlimited(type: number): boolean {
    return ((this.#ipv6.settings.icmpRatemask[type >>> 5]! >>> (type & 31)) & 1) === 0;
  }

  /** icmpv6_global_allow(): a bucket of icmp_msgs_burst, filled with icmp_msgs_per_sec. */
  #globalAllow(type: number): boolean {
    if (this.#unlimited(type)) return true;
    const { icmpMsgsPerSec, icmpMsgsBurst } = this.#ipv6.namespace.ipv4.settings;
    const nowMs = Math.floor(this.#ipv6.namespace.stack.nowUs / 1000);
    const elapsed = Math.min(nowMs - this.#creditStampMs, 1000);
    if (this.#credit < 1 && elapsed < 20) return false;
    const more = elapsed >= 20 ? Math.floor((icmpMsgsPerSec * elapsed) / 1000) : 0;
    if (more > 0) this.#creditStampMs = nowMs;
    this.#credit = Math.min(this.#credit + more, icmpMsgsBurst);
    if (this.#credit < 1) return false;
    this.#credit--;
    return true;
  }

  /** icmpv6_xrlim_allow(): wider ways may have more errors. */
  #peerAllow(dst: Rt6, from: ip6.In6): boolean {
    const length = dst.info === null ? 128 : dst.info.prefixLength;
    const interval = this.#ipv6.settings.icmpRatelimit >> (length < 128 ? (128 - length) >> 5 : 0);
    return this.allowPeer(from, interval);
  }
}

/** Whose counters a message moves that has come in: of one by the loopback or in a VRF, the device of its address (icmp6_dev()). */
function receiverOf(skb: PacketBuffer): Ipv6Device | null {
  const { device, dst } = skb;
  if (device === null) return null;
  const elsewhere = (device.flags & IFF_LOOPBACK) !== 0 || device.l3Table !== 0;
  return elsewhere && dst instanceof Rt6 && dst.owner !== null ? dst.owner : device.ipv6;
}

/** The link that a packet belongs to: of one that went by the loopback, that of its address (icmp6_iif()). */
function interfaceOf(skb: PacketBuffer): number {
  const { device } = skb;
  if (device === null) return skb.iif;
  if ((device.flags & IFF_LOOPBACK) === 0 && device.l3Table === 0) return skb.iif === 0 ? device.ifindex : skb.iif;
  const dst = skb.dst;
  return dst instanceof Rt6 && dst.info !== null ? dst.info.device.ifindex : device.ifindex;
}

/** is_ineligible(): never about an error, nor about what may be one. */
function ineligible(skb: PacketBuffer, at: number): boolean {
  const found = skipHeaders(skb.view, at, skb.tail);
  if (found.protocol !== icmpv6.PROTOCOL) return false;
  if (found.fragmentOffset > 0) return false;
  return found.offset < 0 || found.offset >= skb.tail || !icmpv6.isInformational(skb.view.getUint8(found.offset));
}
