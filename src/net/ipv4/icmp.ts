import * as checksum from '../../wire/checksum.js';
import * as icmp from '../../wire/icmp.js';
import * as ip from '../../wire/ipv4.js';
import { IFF_LOOPBACK, RTN_BROADCAST, RTN_LOCAL, RTN_MULTICAST } from '../../netlink/rtnl/constants.js';
import { DropReason } from '../core/drop-reason.js';
import { Flow } from '../core/flow.js';
import { HeaderFields, type Transport } from '../core/internet.js';
import { l3DomainOf } from '../core/l3mdev.js';
import { CHECKSUM_NONE, CHECKSUM_PARTIAL, PACKET_HOST, type PacketBuffer } from '../core/packet-buffer.js';
import { copyBytes, HEADROOM } from '../core/packet-pool.js';
import { icmpErrno } from '../core/icmp-error.js';
import type { Ipv4 } from './ipv4.js';
import { answerProbe } from './probe.js';

/** RFC 1812 4.3.2.3: an error is no longer than this, header included. */
const ERROR_BYTES = 576;
/** INADDR_DUMMY: 192.0.0.8 */
const DUMMY_ADDRESS = 0xc000_0008;
/** Precedence of errors, RFC 1812 4.3.2.5: IPTOS_PREC_INTERNETCONTROL with the TOS of the packet. */
const INTERNET_CONTROL = 0xc0;
const TOS_MASK = 0x1e;

/** Takes answers to echo requests of this host: the ping sockets. Does not take ownership; true: a socket had wanted it. */
export interface PingReceiver {
  deliver(skb: PacketBuffer): boolean;
  error(skb: PacketBuffer, icmpType: number, icmpCode: number, errno: number, info: number): void;
}

/** ICMP of one namespace, RFC 792, RFC 1122 3.2.2, RFC 1812 4.3, with Linux's limits. */
export class Icmp implements Transport {
  readonly protocol = icmp.PROTOCOL;
  ping: PingReceiver | null = null;
  readonly #ipv4: Ipv4;
  readonly #flow = new Flow();
  readonly #header = new HeaderFields();
  /** icmp_global: tokens left for all errors of the namespace. */
  #credit = 0;
  #creditStampMs = 0;

  constructor(ipv4: Ipv4) {
    this.#ipv4 = ipv4;
    this.#header.multicastLoop = false;
    // Nothing was spent yet: the bucket is full.
    this.#creditStampMs = Number.NEGATIVE_INFINITY;
  }

  /** icmp_rcv(): `skb.data` at the ICMP header. Takes ownership. */
  receive(skb: PacketBuffer): void {
    const ipv4 = this.#ipv4;
    const stats = ipv4.icmpStats;
    const stack = ipv4.namespace.stack;
    const at = skb.data;
    const bytes = skb.tail - at;
    const view = skb.view;
    stats.inMsgs++;
    if (bytes < icmp.HEADER) {
      stats.inErrors++;
      stack.drop(skb, DropReason.PKT_TOO_SMALL);
      return;
    }
    if (skb.ipSummed === CHECKSUM_NONE && !checksum.verify(view, at, bytes, 0)) {
      stats.inCsumErrors++;
      stats.inErrors++;
      stack.drop(skb, DropReason.ICMP_CSUM);
      return;
    }
    const type = view.getUint8(at);
    stats.inType[type]!++;
    if (type === icmp.EXT_ECHO || type === icmp.EXT_ECHO_REPLY) {
      this.#extended(skb, type);
      return;
    }
    const destinationType = skb.dst === null ? RTN_LOCAL : skb.dst.type;
    // RFC 1122 3.2.2: of what came to a group or to everybody, only what asks for nothing dangerous.
    if (destinationType === RTN_BROADCAST || destinationType === RTN_MULTICAST) {
      if ((type === icmp.ECHO || type === icmp.TIMESTAMP) && ipv4.settings.icmpEchoIgnoreBroadcasts) {
        this.#inError(skb, DropReason.INVALID_PROTO);
        return;
      }
      if (type !== icmp.ECHO && type !== icmp.TIMESTAMP && type !== icmp.ADDRESS && type !== icmp.ADDRESS_REPLY) {
        this.#inError(skb, DropReason.INVALID_PROTO);
        return;
      }
    }
    switch (type) {
      case icmp.ECHO:
        if (ipv4.settings.icmpEchoIgnoreAll) stack.consume(skb);
        else this.#reply(skb, icmp.ECHO_REPLY);
        return;
      case icmp.ECHO_REPLY:
        this.#toSockets(skb);
        return;
      case icmp.TIMESTAMP:
        this.#timestamp(skb, bytes);
        return;
      case icmp.DEST_UNREACH:
      case icmp.SOURCE_QUENCH:
      case icmp.TIME_EXCEEDED:
      case icmp.PARAMETER_PROBLEM:
        this.#unreach(skb);
        return;
      case icmp.REDIRECT:
        this.#redirect(skb);
        return;
      case icmp.TIMESTAMP_REPLY:
      case icmp.INFO_REQUEST:
      case icmp.INFO_REPLY:
      case icmp.ADDRESS:
      case icmp.ADDRESS_REPLY:
        stack.consume(skb);
        return;
      default:
        // RFC 1122 3.2.2: unknown types are silently discarded.
        this.#inError(skb, DropReason.UNHANDLED_PROTO);
    }
  }

  /** An error about an ICMP message of this host: only those of echo requests interest anybody (icmp_err()). */
  error(skb: PacketBuffer, icmpType: number, icmpCode: number, errno: number, info: number): void {
    const headerBytes = ip.headerLength(skb.view, skb.data);
    const type = skb.view.getUint8(skb.data + headerBytes);
    if (type === icmp.ECHO) {
      if (this.ping !== null) this.ping.error(skb, icmpType, icmpCode, errno, info);
      return;
    }
    // Other requests went to the path as well.
    if (icmpType === icmp.DEST_UNREACH && icmpCode === icmp.FRAG_NEEDED) this.#updatePathMtu(skb, info);
  }

  /** ip_error(): an answer to a packet without a route, one for each half second and a burst of ten for a source. */
  sendErrorLimited(skb: PacketBuffer, type: number, code: number, info: number): void {
    const ipv4 = this.#ipv4;
    const settings = ipv4.settings;
    const peer = ipv4.peers.get(ip.source(skb.view, skb.networkHeader));
    const nowMs = ipv4.nowMs();
    peer.tokens = Math.min(peer.tokens + nowMs - peer.rateLastMs, settings.errorBurst);
    peer.rateLastMs = nowMs;
    if (peer.tokens < settings.errorCost) return;
    peer.tokens -= settings.errorCost;
    this.sendError(skb, type, code, info);
  }

  /**
   * icmp_send(): an error about `skb` (`networkHeader` set), which stays the caller's. `info` is the second word of the header: the
   * MTU, the gateway, the pointer in its highest byte. Says nothing where RFC 1122 3.2.2 wants silence, or a limit does.
   */
  sendError(skb: PacketBuffer, type: number, code: number, info: number): void {
    const ipv4 = this.#ipv4;
    const namespace = ipv4.namespace;
    const at = skb.networkHeader;
    const v = skb.view;
    if (skb.dst === null) return;
    if (skb.packetType !== PACKET_HOST) return;
    const routeType = skb.dst.type;
    // A broadcast to a net that is sent on has its errors (RTCF_BROADCAST is of what this host hears).
    if (routeType === RTN_MULTICAST || (routeType === RTN_BROADCAST && !ipv4.asRoute(skb.dst).directed)) return;
    if ((v.getUint16(at + 6) & ip.OFFSET_MASK) !== 0) return;
    const headerBytes = ip.headerLength(v, at);
    // Never about an error; of an ICMP message whose type cannot be seen nobody knows.
    if (icmp.isError(type) && ip.protocol(v, at) === icmp.PROTOCOL) {
      if (at + headerBytes >= skb.tail) return;
      const inner = v.getUint8(at + headerBytes);
      if (inner > icmp.MAX_TYPE || icmp.isError(inner)) return;
    }
    if (!this.#globalAllow(type, code)) {
      ipv4.icmpStats.outRateLimitGlobal++;
      return;
    }
    const destination = ip.destination(v, at);
    const from = ip.source(v, at);
    const flow = this.#flow.reset();
    flow.destination = from;
    flow.protocol = icmp.PROTOCOL;
    flow.tos = icmp.isError(type) ? (v.getUint8(at + 1) & TOS_MASK) | INTERNET_CONTROL : v.getUint8(at + 1);
    flow.mark = ipv4.settings.fwmarkReflect ? skb.mark : 0;
    flow.oif = skb.device === null ? 0 : l3DomainOf(skb.device);
    // From the address that the packet was meant for, if that is this host's; else what the way back has.
    flow.source = routeType === RTN_LOCAL ? destination : ipv4.errorSource(skb);
    const dst = ipv4.route(flow);
    if (dst.error !== 0) return;
    // RFC 7600 4.8: a router without an address of IPv4 speaks as this one.
    if (flow.source === 0) flow.source = DUMMY_ADDRESS;
    if (!this.#peerAllow(dst.device, type, code, from)) {
      ipv4.icmpStats.outRateLimitHost++;
      return;
    }
    const room = Math.min(ipv4.pathMtu(dst), ERROR_BYTES) - ip.HEADER - icmp.HEADER;
    const quoted = Math.min(room, skb.tail - at);
    const answer = namespace.stack.pool.allocate(icmp.HEADER + quoted, HEADROOM);
    if (answer === null) return;
    namespace.stack.pool.attachConntrack(skb, answer);
    const start = answer.put(icmp.HEADER + quoted);
    answer.view.setUint8(start, type);
    answer.view.setUint8(start + 1, code);
    answer.view.setUint16(start + 2, 0);
    answer.view.setUint32(start + 4, info);
    copyBytes(skb.bytes, at, answer.bytes, start + icmp.HEADER, quoted);
    this.#finish(answer, start, flow, dst);
  }

  /** Puts the checksum in and sends (icmp_push_reply()). */
  #finish(answer: PacketBuffer, start: number, flow: Flow, dst: ReturnType<Ipv4['route']>): void {
    const ipv4 = this.#ipv4;
    const type = answer.view.getUint8(start);
    answer.mark = flow.mark;
    answer.view.setUint16(start + 2, checksum.checksum(answer.view, start, answer.tail - start, 0));
    const header = this.#header;
    header.tos = flow.tos;
    header.ttl = 0;
    header.dontFragment = false;
    header.id = -1;
    ipv4.icmpStats.outMsgs++;
    ipv4.icmpStats.outType[type]!++;
    if (ipv4.output(answer, dst, flow, header) !== 0) ipv4.icmpStats.outErrors++;
  }

  #toSockets(skb: PacketBuffer): void {
    const { stack } = this.#ipv4.namespace;
    if (this.ping === null || !this.ping.deliver(skb)) stack.drop(skb, DropReason.NO_SOCKET);
    else stack.consume(skb);
  }

  /** RFC 8335 */
  #extended(skb: PacketBuffer, type: number): void {
    if (type === icmp.EXT_ECHO_REPLY) {
      this.#toSockets(skb);
      return;
    }
    const { namespace, settings } = this.#ipv4;
    const answer = settings.icmpEchoIgnoreAll ? -1 : answerProbe(namespace, skb.view, skb.data, skb.tail);
    if (answer < 0) namespace.stack.consume(skb);
    else this.#reply(skb, icmp.EXT_ECHO_REPLY, answer);
  }

  /**
   * icmp_echo(), icmp_reply(): the message goes back as it is, under another type, and with the code and
   * the state of an extended answer (-1: it is none). Takes ownership.
   */
  #reply(skb: PacketBuffer, type: number, extended = -1): void {
    const ipv4 = this.#ipv4;
    const stack = ipv4.namespace.stack;
    const v = skb.view;
    const at = skb.networkHeader;
    if (skb.ipSummed === CHECKSUM_PARTIAL) skb.ipSummed = CHECKSUM_NONE;
    const flow = this.#flow.reset();
    flow.destination = ip.source(v, at);
    flow.protocol = icmp.PROTOCOL;
    flow.tos = v.getUint8(at + 1);
    flow.mark = ipv4.settings.fwmarkReflect ? skb.mark : 0;
    flow.oif = skb.device === null ? 0 : l3DomainOf(skb.device);
    flow.source = skb.dst !== null && skb.dst.type === RTN_LOCAL ? ip.destination(v, at) : 0;
    const dst = ipv4.route(flow);
    if (dst.error !== 0) {
      stack.drop(skb, DropReason.IP_OUTNOROUTES);
      return;
    }
    if (!this.#globalAllow(type, 0) || !this.#peerAllow(dst.device, type, 0, flow.destination)) {
      stack.drop(skb, DropReason.ICMP_RATELIMIT);
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
    answer.view.setUint8(start, type);
    answer.view.setUint8(start + 1, extended < 0 ? 0 : extended >> 8);
    if (extended >= 0) answer.view.setUint8(start + 7, extended & 0xff);
    answer.view.setUint16(start + 2, 0);
    stack.consume(skb);
    this.#finish(answer, start, flow, dst);
  }

  /** icmp_timestamp(), RFC 1122 3.2.2.8 */
  #timestamp(skb: PacketBuffer, bytes: number): void {
    if (bytes < 12) {
      this.#inError(skb, DropReason.PKT_TOO_SMALL);
      return;
    }
    const pool = this.#ipv4.namespace.stack.pool;
    if (skb.tailroom < 20 || !pool.makeWritable(skb)) {
      this.#ipv4.namespace.stack.drop(skb, DropReason.NOMEM);
      return;
    }
    const now = this.#ipv4.millisecondsOfDay();
    skb.tail = skb.data + 20;
    skb.view.setUint32(skb.data + 12, now);
    skb.view.setUint32(skb.data + 16, now);
    this.#reply(skb, icmp.TIMESTAMP_REPLY);
  }

  /** icmp_unreach(): an error about a packet of this host goes to the transport that sent it. */
  #unreach(skb: PacketBuffer): void {
    const ipv4 = this.#ipv4;
    const v = skb.view;
    const at = skb.data;
    const inner = at + icmp.HEADER;
    if (!this.#innerHeaderFits(skb, inner)) {
      this.#inError(skb, DropReason.PKT_TOO_SMALL);
      return;
    }
    const type = v.getUint8(at);
    const code = v.getUint8(at + 1);
    let info = 0;
    if (type === icmp.DEST_UNREACH) {
      if (code === icmp.FRAG_NEEDED) {
        // ip_no_pmtu_disc: 1 and 2 do not trust it; the info 0 then tells that nothing is known.
        if (ipv4.settings.ipNoPmtuDisc === 0) info = icmp.nextHopMtu(v, at);
        else if (ipv4.settings.ipNoPmtuDisc === 1) {
          ipv4.namespace.stack.consume(skb);
          return;
        }
      } else if (code === icmp.SR_FAILED || code > icmp.MAX_UNREACH) {
        ipv4.namespace.stack.consume(skb);
        return;
      }
    } else if (type === icmp.PARAMETER_PROBLEM) info = icmp.pointer(v, at);
    // Linux: a bogus error from a broadcast address (icmp_ignore_bogus_error_responses) is dropped.
    if (ipv4.settings.icmpIgnoreBogusErrorResponses && ipv4.routes.addressTypeIn(skb.device!, ip.destination(v, inner)) === RTN_BROADCAST) {
      ipv4.namespace.stack.consume(skb);
      return;
    }
    this.#tellTransports(skb, inner, type, code, info);
    ipv4.namespace.stack.consume(skb);
  }

  /** icmp_redirect(): a better gateway, for those who listen to it. */
  #redirect(skb: PacketBuffer): void {
    const ipv4 = this.#ipv4;
    const v = skb.view;
    const inner = skb.data + icmp.HEADER;
    if (!this.#innerHeaderFits(skb, inner)) {
      this.#inError(skb, DropReason.PKT_TOO_SMALL);
      return;
    }
    const code = v.getUint8(skb.data + 1);
    if (code <= icmp.REDIRECT_HOSTTOS)
      ipv4.redirect(ip.source(v, skb.networkHeader), icmp.gateway(v, skb.data), ip.destination(v, inner), ip.tos(v, inner), skb.device!);
    ipv4.namespace.stack.consume(skb);
  }

  /** Whether a whole inner header and eight bytes behind it are there. */
  #innerHeaderFits(skb: PacketBuffer, inner: number): boolean {
    if (inner + ip.HEADER > skb.tail) return false;
    const headerBytes = ip.headerLength(skb.view, inner);
    return headerBytes >= ip.HEADER && inner + headerBytes + 8 <= skb.tail;
  }

  /** icmp_socket_deliver(): raw sockets and the transport of the packet inside. */
  #tellTransports(skb: PacketBuffer, inner: number, type: number, code: number, info: number): void {
    const ipv4 = this.#ipv4;
    const protocol = ip.protocol(skb.view, inner);
    const errno = icmpErrno(type, code);
    const data = skb.data;
    skb.data = inner;
    if (type === icmp.DEST_UNREACH && code === icmp.FRAG_NEEDED) this.#updatePathMtu(skb, info);
    if (ipv4.rawReceiver !== null) ipv4.rawReceiver.error(skb, protocol, type, code, errno, info);
    const transport = ipv4.transports[protocol];
    if (transport !== null && transport !== undefined) transport.error(skb, type, code, errno, info);
    skb.data = data;
  }

  /** `skb.data` at the inner header: its way takes less than was thought. */
  #updatePathMtu(skb: PacketBuffer, mtu: number): void {
    const ipv4 = this.#ipv4;
    const flow = this.#flow.reset();
    const at = skb.data;
    flow.destination = ip.destination(skb.view, at);
    flow.source = ip.source(skb.view, at);
    flow.tos = ip.tos(skb.view, at);
    flow.protocol = ip.protocol(skb.view, at);
    // Somebody else's packet does not change our ways.
    if (ipv4.routes.addressTypeIn(skb.device!, flow.source) !== RTN_LOCAL) return;
    flow.oif = l3DomainOf(skb.device!);
    ipv4.updatePathMtu(flow, mtu);
  }

  #inError(skb: PacketBuffer, reason: DropReason): void {
    this.#ipv4.icmpStats.inErrors++;
    this.#ipv4.namespace.stack.drop(skb, reason);
  }

  /** Types that the limits do not hold for: not in icmp_ratemask; and FRAG_NEEDED, which path MTU discovery lives by. */
  #unlimited(type: number, code: number): boolean {
    if (type > icmp.MAX_TYPE) return true;
    if (type === icmp.DEST_UNREACH && code === icmp.FRAG_NEEDED) return true;
    return ((this.#ipv4.settings.icmpRatemask >>> type) & 1) === 0;
  }

  /** icmp_global_allow(): a bucket of icmp_msgs_burst, filled with icmp_msgs_per_sec. */
  #globalAllow(type: number, code: number): boolean {
    if (this.#unlimited(type, code)) return true;
    const { icmpMsgsPerSec, icmpMsgsBurst } = this.#ipv4.settings;
    const nowMs = this.#ipv4.nowMs();
    const elapsed = Math.min(nowMs - this.#creditStampMs, 1000);
    // Linux: refilled at most every 20 ms.
    if (this.#credit === 0 && elapsed < 20) return false;
    if (elapsed >= 20) {
      const gained = Math.floor((icmpMsgsPerSec * elapsed) / 1000);
      if (gained > 0) this.#creditStampMs = nowMs;
      this.#credit = Math.min(this.#credit + gained, icmpMsgsBurst);
    }
    if (this.#credit === 0) return false;
    this.#credit--;
    return true;
  }

  /** icmpv4_xrlim_allow(): icmp_ratelimit for each peer; the loopback has none. */
  #peerAllow(device: { readonly flags: number } | null, type: number, code: number, to: number): boolean {
    if (this.#unlimited(type, code)) return true;
    if (device !== null && (device.flags & IFF_LOOPBACK) !== 0) return true;
    const limit = this.#ipv4.settings.icmpRatelimit;
    return limit === 0 || this.#ipv4.peers.allow(to, this.#ipv4.nowMs(), limit);
  }
}
