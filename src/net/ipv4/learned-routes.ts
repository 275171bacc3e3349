import { RTAX_LOCK, RTAX_MTU, RTN_UNICAST } from '../../netlink/rtnl/constants.js';
import type { NetDevice } from '../core/device.js';
import { Flow } from '../core/flow.js';
import { l3DomainOf } from '../core/l3mdev.js';
import { NexthopExceptions } from './fib/exceptions.js';
import type { FibNexthop } from './fib/info.js';
import { FibResult } from './fib/result.js';
import { selectNexthop } from './multipath.js';
import { isMulticast, isZeroNet, LIMITED_BROADCAST } from './route-output.js';
import type { Ipv4Routes } from './routes.js';

const US_PER_SECOND = 1_000_000;
/** Linux: ip_rt_gc_timeout, how long a redirect is believed. */
const REDIRECT_US = 300 * US_PER_SECOND;

const flow = new Flow();
const result = new FibResult();

/** ICMP says that packets of `flow` must not be longer than `mtu`: noted for its destination. Linux: __ip_rt_update_pmtu() */
export function updatePathMtu(routes: Ipv4Routes, wanted: Flow, mtu: number): void {
  copyFlow(wanted);
  const route = routes.output(flow);
  if (route.error !== 0 || route.mtuLocked || (route.info !== null && (route.info.metric(RTAX_LOCK) & (1 << RTAX_MTU)) !== 0)) return;
  const old = routes.mtu(route);
  if (old < mtu) return;
  const { minPmtu, mtuExpiresS } = routes.ipv4.settings;
  const lock = mtu < minPmtu;
  const accepted = lock ? Math.min(old, minPmtu) : mtu;
  const { nowUs } = routes.namespace.stack;
  const lifetimeUs = mtuExpiresS * US_PER_SECOND;
  // The same again, and not soon over: nothing is new.
  if (route.mtu === accepted && !lock && nowUs < route.expiresUs - lifetimeUs / 2) return;
  const nexthop = nexthopOf(routes, wanted);
  if (nexthop === null) return;
  const exception = exceptionsOf(nexthop).obtain(flow.destination);
  exception.mtu = accepted;
  exception.mtuLocked = lock;
  exception.expiresUs = nowUs + lifetimeUs;
  obsolete(nexthop, flow.destination);
}

/** A router tells of a better one. Linux: __ip_do_redirect() */
export function followRedirect(
  routes: Ipv4Routes,
  from: number,
  gateway: number,
  destination: number,
  tos: number,
  device: NetDevice,
): void {
  const inDevice = device.ipv4;
  if (inDevice === null || gateway === from || !inDevice.acceptsRedirects()) return;
  if (isMulticast(gateway) || gateway === LIMITED_BROADCAST || isZeroNet(gateway)) return;
  if (!inDevice.sharedMedia()) {
    if (!inDevice.onLink(gateway, from)) return;
    if (inDevice.secureRedirects() && !isKnownGateway(routes, gateway, device)) return;
  } else if (routes.fib.addressTypeIn(device, gateway) !== RTN_UNICAST) return;
  flow.reset();
  flow.oif = l3DomainOf(device);
  flow.destination = destination;
  flow.tos = tos & 0x1c;
  const route = routes.output(flow);
  // Only who is our gateway may say so. What comes in by a device of a VRF is the VRF's.
  if (route.error !== 0 || (route.device !== device && route.device?.master !== device) || route.gateway !== from) return;
  const neighbour = routes.arp.obtain(route.device, gateway);
  if (neighbour === null) return;
  neighbour.use();
  const nexthop = nexthopOf(routes, flow);
  if (nexthop === null) return;
  const exception = exceptionsOf(nexthop).obtain(destination);
  exception.gateway = gateway;
  if (exception.mtu === 0) exception.expiresUs = routes.namespace.stack.nowUs + REDIRECT_US;
  obsolete(nexthop, destination);
}

function copyFlow(from: Flow): void {
  flow.reset();
  flow.oif = from.oif;
  flow.mark = from.mark;
  flow.tos = from.tos;
  flow.uid = from.uid;
  flow.source = from.source;
  flow.destination = from.destination;
}

function nexthopOf(routes: Ipv4Routes, wanted: Flow): FibNexthop | null {
  if (routes.fib.lookup(wanted, result, 0) !== 0 || result.nexthop === null) return null;
  const info = result.info!;
  if (info.nexthops.length < 2 || wanted.oif !== 0) return result.nexthop;
  return selectNexthop(routes, info, result.nexthop, wanted, null);
}

function exceptionsOf(nexthop: FibNexthop): NexthopExceptions {
  nexthop.exceptions ??= new NexthopExceptions();
  return nexthop.exceptions;
}

/** Who has the way as it was looks again. */
function obsolete(nexthop: FibNexthop, destination: number): void {
  const exception = nexthop.exceptions!.obtain(destination);
  for (const route of [nexthop.outputRoute, nexthop.inputRoute, exception.outputRoute, exception.inputRoute])
    if (route !== null) route.obsolete = true;
}

/** Linux: ip_fib_check_default() */
function isKnownGateway(routes: Ipv4Routes, gateway: number, device: NetDevice): boolean {
  for (const info of routes.fib.store.infos)
    if (info !== null)
      for (const nexthop of info.nexthops) if (nexthop.gateway === gateway && nexthop.device === device && !nexthop.dead) return true;
  return false;
}
