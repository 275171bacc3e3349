import { EHOSTUNREACH, EINVAL } from '../../base/errno.js';
import { IFF_LOOPBACK, RTN_BROADCAST, RTN_LOCAL, RTN_MULTICAST, RTN_UNICAST } from '../../netlink/rtnl/constants.js';
import { ETH_P_IP } from '../../wire/ethernet.js';
import type { NetDevice } from '../core/device.js';
import { Flow } from '../core/flow.js';
import { readTransport } from '../core/flow-keys.js';
import { l3LoopbackOf } from '../core/l3mdev.js';
import type { PacketBuffer } from '../core/packet-buffer.js';
import { DO_REDIRECT } from './control-block.js';
import type { Ipv4Device } from './device.js';
import { martianDestination, martianSource } from './martians.js';
import { selectNexthop } from './multipath.js';
import { isLocalMulticast, isLoopback, isMulticast, isZeroNet, LIMITED_BROADCAST } from './route-output.js';
import type { Ipv4Routes } from './routes.js';
import type { Rtable } from './rtable.js';
import { validateSource } from './validate-source.js';

/** One flow for all lookups of packets that come in: they do not nest. */
const flow = new Flow();

/** Where a packet that came in by `device` goes. Linux: ip_route_input_rcu(), ip_route_input_slow() */
export function routeInput(
  routes: Ipv4Routes,
  skb: PacketBuffer,
  destination: number,
  source: number,
  tos: number,
  device: NetDevice,
): Rtable {
  const inDevice = device.ipv4;
  if (inDevice === null) return routes.error(EINVAL);
  if (isMulticast(destination)) return multicastInput(routes, skb, destination, source, tos, device, inDevice);
  if (isMulticast(source) || source === LIMITED_BROADCAST) return martianSource(routes, skb, destination, source, device, inDevice, EINVAL);
  if (destination === LIMITED_BROADCAST || (source === 0 && destination === 0))
    return broadcastInput(routes, skb, destination, source, tos, device, inDevice);
  if (isZeroNet(source)) return martianSource(routes, skb, destination, source, device, inDevice, EINVAL);
  if (isZeroNet(destination)) return martianDestination(routes, destination, source, device, inDevice, EINVAL);
  if ((isLoopback(destination) || isLoopback(source)) && !inDevice.routesLocalnet())
    return isLoopback(destination)
      ? martianDestination(routes, destination, source, device, inDevice, EINVAL)
      : martianSource(routes, skb, destination, source, device, inDevice, EINVAL);

  const { result } = routes;
  flow.reset();
  flow.iif = device.ifindex;
  flow.mark = skb.mark;
  flow.tos = tos & 0x1c;
  flow.source = source;
  flow.destination = destination;
  if (routes.fib.rules.asksPorts && skb.protocol === ETH_P_IP && skb.networkHeader >= 0) readTransport(skb, skb.networkHeader, flow);
  const error = routes.fib.lookup(flow, result, 0);
  if (error !== 0) return routes.error(inDevice.forwards() ? -error : EHOSTUNREACH);
  const { type } = result;
  const info = result.info!;
  const directed = type === RTN_BROADCAST && inDevice.forwardsBroadcast();
  if (type === RTN_BROADCAST && !directed) return broadcastInput(routes, skb, destination, source, tos, device, inDevice);
  if (type === RTN_LOCAL) {
    const nexthop = result.nexthop!;
    const martian = validateSource(routes, skb, source, destination, tos, 0, device, inDevice);
    if (martian < 0) return martianSource(routes, skb, destination, source, device, inDevice, -martian);
    return routes.routeVia(info, nexthop, l3LoopbackOf(nexthop.device!), RTN_LOCAL, destination, true);
  }
  // RFC 1812 5.3.5.2. Linux: whether the device forwards is not asked for broadcasts to a net.
  if (!directed && !inDevice.forwards()) return routes.error(EHOSTUNREACH);
  if (!directed && type !== RTN_UNICAST) return martianDestination(routes, destination, source, device, inDevice, EINVAL);
  let nexthop = result.nexthop!;
  if (info.nexthops.length > 1)
    nexthop = selectNexthop(routes, info, nexthop, flow, skb.protocol === ETH_P_IP && skb.networkHeader >= 0 ? skb : null);
  const output = nexthop.device!;
  if (output.ipv4 === null) return routes.error(EINVAL);
  const martian = validateSource(routes, skb, source, destination, tos, nexthop.oif, device, inDevice);
  if (martian < 0) return martianSource(routes, skb, destination, source, device, inDevice, -martian);
  if (martian > 0 && output === device && skb.protocol === ETH_P_IP && seesGateway(inDevice, source, nexthop.gateway))
    skb.cb0 |= DO_REDIRECT;
  // A question by ARP: back by the same device nobody has to be answered for.
  if (skb.protocol !== ETH_P_IP && output === device && inDevice.config.proxyArpPvlan === 0) return routes.error(EINVAL);
  return routes.routeVia(info, nexthop, output, type, destination, true);
}

/**
 * Whether the sender can be told of the next hop: all of the link hear each other (shared_media), or both are in one net. RFC 1812
 * 5.2.7.2. Linux: __mkroute_input()
 */
function seesGateway(inDevice: Ipv4Device, source: number, gateway: number): boolean {
  return inDevice.sendsRedirects() && (inDevice.sharedMedia() || inDevice.onLink(source, gateway));
}

function broadcastInput(
  routes: Ipv4Routes,
  skb: PacketBuffer,
  destination: number,
  source: number,
  tos: number,
  device: NetDevice,
  inDevice: Ipv4Device,
): Rtable {
  if (skb.protocol !== ETH_P_IP) return routes.error(EINVAL);
  if (!isZeroNet(source)) {
    const martian = validateSource(routes, skb, source, destination, tos, 0, device, inDevice);
    if (martian < 0) return martianSource(routes, skb, destination, source, device, inDevice, -martian);
  }
  return routes.routeOnDevice(device, RTN_BROADCAST, true);
}

/** Linux: ip_route_input_mc(), ip_mc_validate_source() */
function multicastInput(
  routes: Ipv4Routes,
  skb: PacketBuffer,
  destination: number,
  source: number,
  tos: number,
  device: NetDevice,
  inDevice: Ipv4Device,
): Rtable {
  const protocol = skb.protocol === ETH_P_IP && skb.networkHeader >= 0 ? skb.view.getUint8(skb.networkHeader + 9) : 0;
  if (!routes.ipv4.multicast.isMember(device, destination, source, protocol) && !routes.ipv4.routesMulticasts(device, destination))
    return routes.error(EINVAL);
  if (isMulticast(source) || source === LIMITED_BROADCAST || skb.protocol !== ETH_P_IP) return routes.error(EINVAL);
  if (isLoopback(source) && !inDevice.routesLocalnet() && (device.flags & IFF_LOOPBACK) === 0) return routes.error(EINVAL);
  if (isZeroNet(source)) {
    if (!isLocalMulticast(destination)) return routes.error(EINVAL);
  } else {
    const martian = validateSource(routes, skb, source, 0, tos, 0, device, inDevice);
    if (martian < 0) return routes.error(-martian);
  }
  return routes.routeOnDevice(device, RTN_MULTICAST, true);
}
