import { DEST_UNREACH, EXCEEDED_TTL, FRAG_NEEDED, REDIRECT, REDIRECT_HOST, SR_FAILED, TIME_EXCEEDED } from '../../wire/icmp.js';
import * as ip from '../../wire/ipv4.js';
import type { NetDevice } from '../core/device.js';
import { DropReason } from '../core/drop-reason.js';
import { gsoNetworkLength } from '../core/gso.js';
import { FORWARD } from '../core/hooks.js';
import { HEADROOM } from '../core/packet-pool.js';
import { PACKET_HOST, type PacketBuffer } from '../core/packet-buffer.js';
import { DO_REDIRECT, FORWARDED, FRAG_COMPLETE, HAS_OPTIONS, SR_STRICT } from './control-block.js';
import type { Ipv4 } from './ipv4.js';
import { forwardOptions } from './options.js';
import { priorityOfTos } from './tos-priority.js';
import { ipOutput } from './output.js';
import type { Ipv4Route } from './routing.js';

/** ip_forward(): a packet for somebody else. Takes ownership. */
export function ipForward(ipv4: Ipv4, skb: PacketBuffer, dst: Ipv4Route, device: NetDevice): void {
  const stack = ipv4.namespace.stack;
  // Frames to a link-layer group are never forwarded (RFC 1812 5.3.4).
  if (skb.packetType !== PACKET_HOST) {
    stack.drop(skb, DropReason.NOT_SPECIFIED);
    return;
  }
  const at = skb.networkHeader;
  if (skb.view.getUint8(at + 8) <= 1) {
    ipv4.stats.inHdrErrors++;
    ipv4.icmp.sendError(skb, TIME_EXCEEDED, EXCEEDED_TTL, 0);
    stack.drop(skb, DropReason.IP_INHDR);
    return;
  }
  if ((skb.cb3 & SR_STRICT) !== 0 && (dst.gateway !== 0 || dst.gateway6 !== null)) {
    ipv4.icmp.sendError(skb, DEST_UNREACH, SR_FAILED, 0);
    stack.drop(skb, DropReason.IP_INHDR);
    return;
  }
  const output = dst.device!;
  const mtu = ipv4.forwardMtu(dst);
  if (exceedsMtu(skb, mtu)) {
    ipv4.stats.fragFails++;
    ipv4.icmp.sendError(skb, DEST_UNREACH, FRAG_NEEDED, mtu);
    stack.drop(skb, DropReason.PKT_TOO_BIG);
    return;
  }
  if ((skb.shared || skb.data < output.hardHeaderBytes) && !makeRoom(ipv4, skb, output)) {
    ipv4.stats.outDiscards++;
    stack.drop(skb, DropReason.NOMEM);
    return;
  }
  const view = skb.view;
  const word = view.getUint16(at + 8);
  view.setUint16(at + 8, word - 0x100);
  // RFC 1141: the TTL is the high byte of its word, so one less there is 0x100 more in the checksum.
  const check = view.getUint16(at + 10) + 0x100;
  view.setUint16(at + 10, (check & 0xffff) + (check >= 0xffff ? 1 : 0));
  // RFC 1812 5.2.7.2: there is a better first hop on the link that it came from.
  if ((skb.cb0 & DO_REDIRECT) !== 0 && (skb.cb2 & 0xff) === 0 && ipv4.sendsRedirects(output)) sendRedirect(ipv4, skb, dst);
  skb.cb0 |= FORWARDED;
  if (ipv4.settings.ipForwardUpdatePriority) skb.priority = priorityOfTos(view.getUint8(at + 1));
  if (ipv4.hooks.forward.length !== 0 && !ipv4.hooks.pass(skb, FORWARD, device, output)) return;
  forwardFinish(ipv4, skb);
}

/** ip_forward_finish() */
export function forwardFinish(ipv4: Ipv4, skb: PacketBuffer): void {
  const stats = ipv4.stats;
  stats.forwDatagrams++;
  stats.outOctets += skb.tail - skb.data;
  if ((skb.cb3 & HAS_OPTIONS) !== 0) forwardOptions(ipv4, skb);
  ipOutput(ipv4, skb);
}

/** ip_exceeds_mtu(): too long, and must not be cut. */
function exceedsMtu(skb: PacketBuffer, mtu: number): boolean {
  if (skb.tail - skb.data <= mtu) return false;
  if ((skb.view.getUint16(skb.networkHeader + 6) & ip.DF) === 0) return false;
  // The fragments that it was put together from had DF and were longer than the way on.
  if ((skb.cb0 & FRAG_COMPLETE) !== 0 && skb.cb1 > mtu) return true;
  if (skb.gsoSize !== 0 && gsoNetworkLength(skb) <= mtu) return false;
  return true;
}

/** Bytes of its own and room for the link's header (skb_cow()). */
function makeRoom(ipv4: Ipv4, skb: PacketBuffer, output: NetDevice): boolean {
  const pool = ipv4.namespace.stack.pool;
  if (skb.shared && !pool.makeWritable(skb)) return false;
  if (skb.data >= output.hardHeaderBytes) return true;
  const shift = HEADROOM - skb.data;
  if (skb.tail + shift > skb.bytes.length) return false;
  skb.bytes.copyWithin(HEADROOM, skb.data, skb.tail);
  skb.data += shift;
  skb.tail += shift;
  skb.networkHeader += shift;
  skb.transportHeader += shift;
  skb.csumStart += shift;
  skb.macHeader = -1;
  return true;
}

/** ip_rt_send_redirect(), with its back-off a peer. */
function sendRedirect(ipv4: Ipv4, skb: PacketBuffer, dst: Ipv4Route): void {
  const settings = ipv4.settings;
  const nowMs = ipv4.namespace.stack.nowUs / 1000;
  const peer = ipv4.peers.get(ip.source(skb.view, skb.networkHeader));
  const gateway = dst.gateway !== 0 ? dst.gateway : ip.destination(skb.view, skb.networkHeader);
  // Nothing for redirect_silence: begin anew.
  if (nowMs > peer.redirectLastMs + settings.redirectSilence) peer.redirects = 0;
  // Enough were sent; the silence starts again with each packet that would have got one.
  if (peer.redirects >= settings.redirectNumber) {
    peer.redirectLastMs = nowMs;
    return;
  }
  if (peer.redirects === 0 || nowMs > peer.redirectLastMs + settings.redirectLoad * 2 ** peer.redirects) {
    ipv4.icmp.sendError(skb, REDIRECT, REDIRECT_HOST, gateway);
    peer.redirectLastMs = nowMs;
    peer.redirects++;
  }
}
