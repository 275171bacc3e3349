import { RTN_LOCAL, RTN_UNICAST } from '../../netlink/rtnl/constants.js';
import type { NetDevice } from '../../net/core/device.js';
import { DropReason } from '../../net/core/drop-reason.js';
import { Flow } from '../../net/core/flow.js';
import { scrub } from '../../net/core/forward.js';
import type { PacketBuffer } from '../../net/core/packet-buffer.js';
import { ipLocalOut } from '../../net/ipv4/output.js';
import { ip6LocalOut } from '../../net/ipv6/output.js';
import * as ethernet from '../../wire/ethernet.js';
import * as ip from '../../wire/ipv4.js';
import * as ip6 from '../../wire/ipv6.js';
import type { IpvlanDevice } from './device.js';

/** One flow for all: they do not nest. */
const flow = new Flow();

/**
 * What an ipvlan of the l3 modes sends to the world, link header at `skb.data`: routed anew in the namespace of the device below, and
 * out by that. False: it is lost. Linux: ipvlan_process_outbound()
 */
export function outbound(device: IpvlanDevice, skb: PacketBuffer): boolean {
  const { lower } = device;
  const group = ethernet.isMulticast(skb.bytes, skb.data);
  const { protocol } = skb;
  scrub(device.stack.pool, skb, lower.namespace !== device.namespace);
  skb.device = lower;
  // Groups are no matter of these modes.
  if (group || (protocol !== ethernet.ETH_P_IP && protocol !== ethernet.ETH_P_IPV6)) {
    device.stack.drop(skb, DropReason.UNHANDLED_PROTO);
    return false;
  }
  const at = skb.pull(ethernet.HEADER);
  skb.macHeader = -1;
  skb.networkHeader = at;
  return protocol === ethernet.ETH_P_IP ? outbound4(device, lower, skb, at) : outbound6(device, lower, skb, at);
}

function outbound4(device: IpvlanDevice, lower: NetDevice, skb: PacketBuffer, at: number): boolean {
  const { ipv4 } = lower.namespace;
  const v = skb.view;
  flow.reset();
  flow.oif = lower.ifindex;
  flow.tos = ip.tos(v, at) & 0x1c;
  flow.mark = skb.mark;
  flow.protocol = ip.protocol(v, at);
  flow.destination = ip.destination(v, at);
  flow.source = ip.source(v, at);
  flow.anySource = true;
  const dst = ipv4.route(flow);
  if (dst.error !== 0 || (dst.type !== RTN_UNICAST && dst.type !== RTN_LOCAL)) return lost(device, skb);
  skb.dst = dst;
  skb.cb0 = 0;
  skb.cb1 = 0;
  skb.cb2 = 0;
  skb.cb3 = 0;
  skb.transportHeader = at + ip.headerLength(v, at);
  return ipLocalOut(ipv4, skb) === 0;
}

function outbound6(device: IpvlanDevice, lower: NetDevice, skb: PacketBuffer, at: number): boolean {
  const { ipv6 } = lower.namespace;
  const v = skb.view;
  flow.reset();
  flow.oif = lower.ifindex;
  flow.mark = skb.mark;
  flow.protocol = ip6.nextHeader(v, at);
  ip6.readAddress(v, at + ip6.DESTINATION, flow.destination6);
  ip6.readAddress(v, at + ip6.SOURCE, flow.source6);
  const dst = ipv6.route(flow);
  if (dst.error !== 0) return lost(device, skb);
  skb.dst = dst;
  skb.cb0 = 0;
  skb.cb1 = 0;
  skb.cb2 = 6;
  skb.cb3 = ip6.HEADER;
  skb.transportHeader = at + ip6.HEADER;
  return ip6LocalOut(ipv6, skb) === 0;
}

function lost(device: IpvlanDevice, skb: PacketBuffer): boolean {
  device.statistics.txErrors++;
  device.stack.drop(skb, DropReason.IP_OUTNOROUTES);
  return false;
}
