import { EINVAL } from '../../base/errno.js';
import { RTN_LOCAL, RTN_UNICAST } from '../../netlink/rtnl/constants.js';
import { DEST_UNREACH, PARAMETER_PROBLEM, SR_FAILED } from '../../wire/icmp.js';
import * as ip from '../../wire/ipv4.js';
import type { NetDevice } from '../core/device.js';
import type { Flow } from '../core/flow.js';
import { PACKET_HOST, type PacketBuffer } from '../core/packet-buffer.js';
import { HAS_OPTIONS, RR_NEED_ADDRESS, SR_HIT, SR_STRICT, TS_NEED_ADDRESS, TS_NEED_TIME } from './control-block.js';
import type { Ipv4 } from './ipv4.js';

// linux/ip.h, RFC 791 3.1
export const IPOPT_END = 0;
export const IPOPT_NOOP = 1;
export const IPOPT_RR = 7;
export const IPOPT_TIMESTAMP = 68;
export const IPOPT_LSRR = 131;
export const IPOPT_SSRR = 137;
export const IPOPT_RA = 148;

const TS_TSONLY = 0;
const TS_TSANDADDR = 1;
const TS_PRESPEC = 3;

/**
 * Checks the options of the packet at `skb.networkHeader` and notes in its cb2 and cb3 what they ask for (ip_options_compile()).
 * With `incoming`, record route and timestamp slots of this host are taken, and a bad option is answered with
 * ICMP PARAMETER_PROBLEM. 0, or -EINVAL.
 */
export function compileOptions(ipv4: Ipv4, skb: PacketBuffer, incoming: boolean): number {
  const at = skb.networkHeader;
  const bad = compileRange(ipv4, skb, at + ip.HEADER, skb.transportHeader, incoming);
  if (bad < 0) return 0;
  if (incoming) ipv4.icmp.sendError(skb, PARAMETER_PROBLEM, 0, (bad - at) * 0x100_0000);
  return -EINVAL;
}

/** -1, or where the byte is that is wrong. */
function compileRange(ipv4: Ipv4, skb: PacketBuffer, start: number, end: number, incoming: boolean): number {
  const v = skb.view;
  const base = skb.networkHeader;
  let source = 0;
  let record = 0;
  let stamp = 0;
  let alert = 0;
  let flags = HAS_OPTIONS;
  for (let at = start; at < end; ) {
    const kind = v.getUint8(at);
    if (kind === IPOPT_END) {
      // What follows the end is made zero, so that it hides nothing.
      for (let i = at + 1; i < end; i++) if (v.getUint8(i) !== IPOPT_END) v.setUint8(i, IPOPT_END);
      break;
    }
    if (kind === IPOPT_NOOP) {
      at++;
      continue;
    }
    if (at + 2 > end) return at;
    const length = v.getUint8(at + 1);
    if (length < 2 || at + length > end) return at;
    if (kind === IPOPT_SSRR || kind === IPOPT_LSRR) {
      if (length < 3) return at + 1;
      const pointer = v.getUint8(at + 2);
      if (pointer < 4) return at + 2;
      if (source !== 0) return at;
      if (!incoming && (pointer !== 4 || length < 7 || ((length - 3) & 3) !== 0)) return at + 1;
      if (kind === IPOPT_SSRR) flags |= SR_STRICT;
      source = at - base;
    } else if (kind === IPOPT_RR) {
      if (record !== 0) return at;
      if (length < 3) return at + 1;
      const pointer = v.getUint8(at + 2);
      if (pointer < 4) return at + 2;
      if (pointer <= length) {
        if (pointer + 3 > length) return at + 2;
        if (incoming) {
          v.setUint32(at + pointer - 1, ipv4.specificDestination(skb));
          flags |= HAS_OPTIONS;
        }
        v.setUint8(at + 2, pointer + 4);
        flags |= RR_NEED_ADDRESS;
      }
      record = at - base;
    } else if (kind === IPOPT_TIMESTAMP) {
      if (stamp !== 0) return at;
      if (length < 4) return at + 1;
      const pointer = v.getUint8(at + 2);
      if (pointer < 5) return at + 2;
      const mode = v.getUint8(at + 3) & 0xf;
      if (pointer <= length) {
        let timeAt = 0;
        if (pointer + 3 > length) return at + 2;
        if (mode === TS_TSONLY) {
          timeAt = at + pointer - 1;
          flags |= TS_NEED_TIME;
          v.setUint8(at + 2, pointer + 4);
        } else if (mode === TS_TSANDADDR) {
          if (pointer + 7 > length) return at + 2;
          if (incoming) {
            v.setUint32(at + pointer - 1, ipv4.specificDestination(skb));
            timeAt = at + pointer + 3;
          }
          flags |= TS_NEED_ADDRESS | TS_NEED_TIME;
          v.setUint8(at + 2, pointer + 8);
        } else if (mode === TS_PRESPEC) {
          if (pointer + 7 > length) return at + 2;
          if (ipv4.addressType(v.getUint32(at + pointer - 1)) !== RTN_UNICAST) {
            timeAt = at + pointer + 3;
            flags |= TS_NEED_TIME;
            v.setUint8(at + 2, pointer + 8);
          }
        } else return at + 3;
        if (timeAt !== 0 && incoming) v.setUint32(timeAt, ipv4.millisecondsOfDay());
      } else if ((v.getUint8(at + 3) & 0xf0) === 0xf0) {
        // The count of hosts that had no room is full (RFC 791: the packet is discarded).
        return at + 3;
      } else {
        v.setUint8(at + 3, v.getUint8(at + 3) + 0x10);
      }
      stamp = at - base;
    } else if (kind === IPOPT_RA) {
      if (length < 4) return at + 1;
      if (v.getUint8(at + 2) === 0 && v.getUint8(at + 3) === 0) alert = at - base;
    }
    // Others are carried along untouched.
    at += length;
  }
  skb.cb2 = source | (record << 8) | (stamp << 16) | (alert << 24);
  skb.cb3 = flags;
  if (incoming) ip.writeChecksum(v, base, skb.transportHeader - base);
  return -1;
}

/**
 * ip_options_rcv_srr(): a packet that reached this host by a source route goes on to the next address there.
 * False: it must be dropped.
 */
export function receiveSourceRoute(ipv4: Ipv4, skb: PacketBuffer, device: NetDevice): boolean {
  const dst = ipv4.asRoute(skb.dst!)!;
  if (skb.packetType !== PACKET_HOST) return false;
  if (dst.type === RTN_UNICAST) {
    if ((skb.cb3 & SR_STRICT) === 0) return true;
    ipv4.icmp.sendError(skb, DEST_UNREACH, SR_FAILED, 0);
    return false;
  }
  if (dst.type !== RTN_LOCAL) return false;
  const base = skb.networkHeader;
  const v = skb.view;
  const at = base + (skb.cb2 & 0xff);
  const length = v.getUint8(at + 1);
  for (let pointer = v.getUint8(at + 2); pointer <= length; pointer += 4) {
    if (pointer + 3 > length) return false;
    const next = v.getUint32(at + pointer - 1);
    const route = ipv4.routeInput(skb, next, v.getUint32(base + 12), v.getUint8(base + 1), device);
    if (route.error !== 0 || (route.type !== RTN_UNICAST && route.type !== RTN_LOCAL)) return false;
    skb.dst = route;
    skb.cb3 |= SR_HIT;
    v.setUint32(base + 16, next);
    if (route.type !== RTN_LOCAL) {
      ip.writeChecksum(v, base, skb.transportHeader - base);
      return true;
    }
    v.setUint8(at + 2, pointer + 4);
  }
  ip.writeChecksum(v, base, skb.transportHeader - base);
  return true;
}

/** ip_forward_options(): this host's slots are filled with the address that the packet leaves by. */
export function forwardOptions(ipv4: Ipv4, skb: PacketBuffer): void {
  const v = skb.view;
  const base = skb.networkHeader;
  const flags = skb.cb3;
  const dst = ipv4.asRoute(skb.dst!)!;
  if ((flags & RR_NEED_ADDRESS) !== 0) {
    const at = base + ((skb.cb2 >>> 8) & 0xff);
    v.setUint32(at + v.getUint8(at + 2) - 5, ipv4.sourceFor(dst, ip.destination(v, base)));
  }
  if ((flags & SR_HIT) !== 0) {
    const at = base + (skb.cb2 & 0xff);
    const pointer = v.getUint8(at + 2);
    if (pointer + 3 <= v.getUint8(at + 1)) {
      v.setUint32(at + pointer - 1, ipv4.sourceFor(dst, ip.destination(v, base)));
      v.setUint8(at + 2, pointer + 4);
    }
  }
  if ((flags & TS_NEED_ADDRESS) !== 0) {
    const at = base + ((skb.cb2 >>> 16) & 0xff);
    v.setUint32(at + v.getUint8(at + 2) - 9, ipv4.sourceFor(dst, ip.destination(v, base)));
  }
  ip.writeChecksum(v, base, skb.transportHeader - base);
}

/** ip_options_build(): the user's options into an outgoing header, padded to a multiple of four; record route takes the source. */
export function buildOptions(skb: PacketBuffer, options: Uint8Array, flow: Flow): void {
  const v = skb.view;
  const start = skb.networkHeader + ip.HEADER;
  for (let i = 0; i < options.length; i++) skb.bytes[start + i] = options[i]!;
  for (let at = start; at < skb.transportHeader; ) {
    const kind = v.getUint8(at);
    if (kind === IPOPT_END) return;
    if (kind === IPOPT_NOOP) {
      at++;
      continue;
    }
    const length = v.getUint8(at + 1);
    if (length < 2) return;
    if (kind === IPOPT_RR && v.getUint8(at + 2) + 3 <= length) {
      v.setUint32(at + v.getUint8(at + 2) - 1, flow.source);
      v.setUint8(at + 2, v.getUint8(at + 2) + 4);
    }
    at += length;
  }
}
