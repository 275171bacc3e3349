import { EINVAL, EXDEV } from '../../base/errno.js';
import { RTN_LOCAL, RTN_UNICAST, RT_SCOPE_HOST } from '../../netlink/rtnl/constants.js';
import type { NetDevice } from '../core/device.js';
import { Flow } from '../core/flow.js';
import { l3DomainOf } from '../core/l3mdev.js';
import type { PacketBuffer } from '../core/packet-buffer.js';
import type { Ipv4Device } from './device.js';
import type { FibInfo } from './fib/info.js';
import { FIB_LOOKUP_IGNORE_LINKSTATE, FibResult } from './fib/result.js';
import type { Ipv4Routes } from './routes.js';

const flow = new Flow();
const result = new FibResult();

/**
 * Whether a packet from `source` may come in by `device`: 0; 1 where the sender is on the very link; -EINVAL for a martian, -EXDEV
 * where the way back is another (rp_filter). `oif` is where it goes, 0 for here. Linux: fib_validate_source()
 */
export function validateSource(
  routes: Ipv4Routes,
  skb: PacketBuffer,
  source: number,
  destination: number,
  tos: number,
  oif: number,
  device: NetDevice,
  inDevice: Ipv4Device,
): number {
  const filter = inDevice.reversePathFilter();
  if (filter === 0 && (device.ifindex !== oif || !inDevice.sendsRedirects())) {
    if (inDevice.acceptsLocal()) return 0;
    if (!routes.fib.customLocalRoutes && routes.fib.rules.onlyDefaults) return routes.addresses.local.has(source) ? -EINVAL : 0;
  }
  return reversePath(routes, skb, source, destination, tos, oif, device, inDevice, filter);
}

/** Linux: __fib_validate_source() */
function reversePath(
  routes: Ipv4Routes,
  skb: PacketBuffer,
  source: number,
  destination: number,
  tos: number,
  oif: number,
  device: NetDevice,
  inDevice: Ipv4Device,
  filter: number,
): number {
  const { loopback } = routes.namespace;
  flow.reset();
  flow.iif = oif !== 0 ? oif : loopback.ifindex;
  flow.l3Domain = l3DomainOf(device);
  flow.destination = source;
  flow.source = destination;
  flow.tos = tos & 0x1c;
  if (inDevice.validatesMark()) flow.mark = skb.mark;
  if (routes.fib.lookup(flow, result, 0) !== 0) return filter !== 0 ? -EXDEV : 0;
  if (result.type !== RTN_UNICAST && (result.type !== RTN_LOCAL || !inDevice.acceptsLocal())) return -EINVAL;
  if (usesDevice(result.info!, device) || (result.type === RTN_LOCAL && device === loopback))
    return result.nexthop!.scope >= RT_SCOPE_HOST ? 1 : 0;
  if (inDevice.addresses.length === 0) return filter !== 0 ? -EXDEV : 0;
  if (filter === 1) return -EXDEV;
  flow.oif = device.ifindex;
  if (routes.fib.lookup(flow, result, FIB_LOOKUP_IGNORE_LINKSTATE) !== 0) return 0;
  return result.type === RTN_UNICAST && result.nexthop!.scope >= RT_SCOPE_HOST ? 1 : 0;
}

function usesDevice(info: FibInfo, device: NetDevice): boolean {
  const { nexthops } = info;
  for (let i = 0; i < nexthops.length; i++) {
    const way = nexthops[i]!.device;
    if (way === device || (way !== null && device.l3Table !== 0 && way.master === device)) return true;
  }
  return false;
}
