import { RTN_LOCAL } from '../../netlink/rtnl/constants.js';
import { DropReason } from '../../net/core/drop-reason.js';
import { Flow } from '../../net/core/flow.js';
import { LOCAL_OUT } from '../../net/core/hooks.js';
import type { PacketBuffer } from '../../net/core/packet-buffer.js';
import { ipOutput } from '../../net/ipv4/output.js';
import { ip6Output } from '../../net/ipv6/output.js';
import * as ethernet from '../../wire/ethernet.js';
import * as ip from '../../wire/ipv4.js';
import * as ip6 from '../../wire/ipv6.js';
import type { VrfDevice } from './device.js';

/** One flow for all: they do not nest. */
const flow = new Flow();

/**
 * A frame that leaves by the VRF's device itself, its table asked for the way on. False: there is none, and it is counted as an
 * error. Linux: vrf_process_v4_outbound()
 */
export function outbound4(vrf: VrfDevice, skb: PacketBuffer): boolean {
  const { ipv4 } = vrf.namespace;
  const at = skb.data + ethernet.HEADER;
  if (skb.dst !== null && skb.dst.device === vrf && skb.dst.type === RTN_LOCAL && ipv4.valid(skb.dst)) return vrf.loop(skb);
  if (skb.tail - at < ip.HEADER) return fails(vrf, skb);
  const v = skb.view;
  flow.reset();
  flow.oif = vrf.ifindex;
  flow.iif = vrf.namespace.loopback.ifindex;
  flow.tos = ip.tos(v, at) & 0x1c;
  flow.mark = skb.mark;
  flow.protocol = ip.protocol(v, at);
  flow.destination = ip.destination(v, at);
  flow.source = ip.source(v, at);
  // A packet that is forwarded into the VRF has somebody else's address.
  flow.anySource = true;
  const dst = ipv4.route(flow);
  if (dst.error !== 0) return fails(vrf, skb);
  skb.networkHeader = at;
  skb.dst = dst;
  if (dst.device === vrf) return vrf.loop(skb);
  skb.pull(ethernet.HEADER);
  skb.cb0 = 0;
  skb.cb1 = 0;
  skb.cb2 = 0;
  skb.cb3 = 0;
  if (skb.transportHeader < 0) skb.transportHeader = at + ip.headerLength(v, at);
  skb.device = dst.device;
  if (ipv4.hooks.localOut.length !== 0 && !ipv4.hooks.pass(skb, LOCAL_OUT, null, dst.device)) return true;
  if (ipOutput(ipv4, skb) === 0) return true;
  vrf.statistics.txErrors++;
  return true;
}

/** Linux: vrf_process_v6_outbound() */
export function outbound6(vrf: VrfDevice, skb: PacketBuffer): boolean {
  const { ipv6 } = vrf.namespace;
  const at = skb.data + ethernet.HEADER;
  if (skb.dst !== null && skb.dst.device === vrf && skb.dst.type === RTN_LOCAL && ipv6.valid(skb.dst)) return vrf.loop(skb);
  if (skb.tail - at < ip6.HEADER) return fails(vrf, skb);
  const v = skb.view;
  flow.reset();
  flow.oif = vrf.ifindex;
  flow.iif = vrf.namespace.loopback.ifindex;
  flow.mark = skb.mark;
  flow.protocol = ip6.nextHeader(v, at);
  ip6.readAddress(v, at + ip6.DESTINATION, flow.destination6);
  ip6.readAddress(v, at + ip6.SOURCE, flow.source6);
  const dst = ipv6.routes.output(flow);
  if (dst.error !== 0) return fails(vrf, skb);
  skb.networkHeader = at;
  skb.dst = dst;
  if (dst.device === vrf) return vrf.loop(skb);
  skb.pull(ethernet.HEADER);
  skb.cb0 = 0;
  skb.cb1 = 0;
  skb.cb2 = 6;
  skb.cb3 = ip6.HEADER;
  if (skb.transportHeader < 0) skb.transportHeader = at + ip6.HEADER;
  skb.device = dst.device;
  if (ipv6.hooks.localOut.length !== 0 && !ipv6.hooks.pass(skb, LOCAL_OUT, null, dst.device)) return true;
  if (ip6Output(ipv6, skb) === 0) return true;
  vrf.statistics.txErrors++;
  return true;
}

/** Linux: vrf_tx_error() */
function fails(vrf: VrfDevice, skb: PacketBuffer): boolean {
  vrf.statistics.txErrors++;
  vrf.stack.drop(skb, DropReason.IP_OUTNOROUTES);
  return false;
}
