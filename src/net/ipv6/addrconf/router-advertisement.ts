import { NetError } from '../../../base/net-error.js';
import {
  IFA_F_DEPRECATED,
  IFA_F_MANAGETEMPADDR,
  IFA_F_OPTIMISTIC,
  IFA_F_STABLE_PRIVACY,
  IFA_F_TENTATIVE,
  INFINITY_LIFE_TIME,
  NUD_STALE,
  RTAX_HOPLIMIT,
  RTAX_MTU,
  RTPROT_RA,
  RT_TABLE_MAIN,
} from '../../../netlink/rtnl/constants.js';
import { equalAddress, type In6, isLinkLocal, isMulticast, MIN_MTU, maskAddress, readAddress, SOURCE } from '../../../wire/ipv6.js';
import {
  checkOptions,
  OPT_MTU,
  OPT_PREFIX_INFO,
  OPT_ROUTE_INFO,
  OPT_SOURCE_LL_ADDR,
  ROUTER_ADVERTISEMENT as HEADER,
} from '../../../wire/ndisc.js';
import {
  AUTONOMOUS_FLAG,
  FLAGS,
  HOP_LIMIT,
  LIFETIME,
  MANAGED_FLAG,
  ON_LINK_FLAG,
  OTHER_FLAG,
  PREFERENCE_SHIFT,
  REACHABLE,
  RETRANSMISSION,
} from '../../../wire/router-advertisement.js';
import { NODE_HOST, NODE_ROUTER } from '../../core/ndisc-node.js';
import {
  NEIGH_UPDATE_F_ISROUTER,
  NEIGH_UPDATE_F_OVERRIDE,
  NEIGH_UPDATE_F_OVERRIDE_ISROUTER,
  NEIGH_UPDATE_F_WEAK_OVERRIDE,
} from '../../core/neighbour.js';
import type { Ipv6Addresses } from '../addresses.js';
import { type Ipv6Device, IF_RA_MANAGED, IF_RA_OTHERCONF, IF_RA_RCVD, IF_RS_SENT } from '../device.js';
import {
  type Fib6Info,
  IP6_RT_PRIO_USER,
  PREF_MEDIUM,
  RTF_ADDRCONF,
  RTF_DEFAULT,
  RTF_GATEWAY,
  RTF_PREFIX_RT,
  RTF_ROUTEINFO,
  routerPreference,
  routerPreferenceFlags,
} from '../fib/info.js';
import { route6Request } from '../fib/request.js';
import type { RouterAdvertisement } from '../neighbour-discovery.js';
import { ADDR_GEN_RANDOM, ADDR_GEN_STABLE_PRIVACY, eui64, stablePrivacy } from './generate.js';
import { address6Request } from './request.js';
import { l3TableOf } from '../../core/l3mdev.js';

const US_PER_SECOND = 1_000_000;
/** RFC 4862 5.5.3: an address is not cut down below two hours at once. */
const MIN_VALID_LIFETIME = 2 * 3600;
/** Larger times are no times. */
const MAX_TIMER_MS = 0x7fff_ffff;
const INVALID_PREFERENCE = 2;

export interface PrefixEvent {
  readonly owner: Ipv6Device;
  readonly prefix: In6;
  readonly prefixLength: number;
  readonly onLink: boolean;
  readonly autoconf: boolean;
  readonly valid: number;
  readonly preferred: number;
}

/** What a router says of a link. Linux: ndisc_router_discovery() */
export function receiveAdvertisement(addresses: Ipv6Addresses, { skb, device }: RouterAdvertisement): void {
  const owner = device.ipv6;
  if (owner === null || skb.ndiscNode === NODE_HOST) return;
  const { view } = skb;
  const start = skb.data;
  const end = skb.data + skb.length;
  if (end - start < HEADER || !checkOptions(view, start + HEADER, end)) return;
  const router = readAddress(view, skb.networkHeader + SOURCE, new Uint32Array(4));
  const accepted = addresses.routers.accepts(owner);
  let told = false;
  let route: Fib6Info | null = null;
  if (accepted) {
    if ((owner.flags & IF_RS_SENT) !== 0) owner.flags |= IF_RA_RCVD;
    const bits = view.getUint8(start + FLAGS);
    const flags =
      (owner.flags & ~(IF_RA_MANAGED | IF_RA_OTHERCONF)) |
      ((bits & MANAGED_FLAG) !== 0 ? IF_RA_MANAGED : 0) |
      ((bits & OTHER_FLAG) !== 0 ? IF_RA_OTHERCONF : 0);
    told = flags !== owner.flags;
    owner.flags = flags;
    if (skb.ndiscNode !== NODE_ROUTER) route = defaultRouter(addresses, owner, router, view, start);
    if (timers(owner, view.getUint32(start + REACHABLE), view.getUint32(start + RETRANSMISSION))) told = true;
  }
  const foreign = owner.config.acceptRaFromLocal !== 0 || !addresses.isLocal(router, device);
  let sourceAddress: Uint8Array | null = null;
  for (let at = start + HEADER; at < end; at += view.getUint8(at + 1) * 8)
    if (view.getUint8(at) === OPT_SOURCE_LL_ADDR) sourceAddress = skb.bytes.slice(at + 2, at + 2 + device.address.length);
  learnRouter(addresses, owner, router, sourceAddress);
  if (accepted)
    for (let at = start + HEADER; at < end; at += view.getUint8(at + 1) * 8) {
      const type = view.getUint8(at);
      const units = view.getUint8(at + 1);
      if (type === OPT_ROUTE_INFO && foreign) routeInformation(addresses, owner, router, view, at, units);
      else if (type === OPT_PREFIX_INFO && units >= 4 && owner.config.acceptRaPinfo !== 0)
        prefixInformation(addresses, owner, view, at, sourceAddress !== null);
      else if (type === OPT_MTU && units === 1 && owner.config.acceptRaMtu !== 0) {
        if (mtu(addresses, owner, route, view.getUint32(at + 4))) told = true;
      }
    }
  if (told) addresses.linkEvents.notify(device);
}

function learnRouter(addresses: Ipv6Addresses, owner: Ipv6Device, router: In6, address: Uint8Array | null): void {
  const { table } = addresses.ipv6.ndisc;
  const neighbour = table.obtain(owner.device, router[0]!, router[1]!, router[2]!, router[3]!);
  if (neighbour === null) return;
  const flags = NEIGH_UPDATE_F_WEAK_OVERRIDE | NEIGH_UPDATE_F_OVERRIDE | NEIGH_UPDATE_F_OVERRIDE_ISROUTER | NEIGH_UPDATE_F_ISROUTER;
  if (address !== null) neighbour.update(address, NUD_STALE, flags);
}

function preferenceOf(owner: Ipv6Device, bits: number): number {
  const preference = (bits >>> PREFERENCE_SHIFT) & 3;
  return preference === INVALID_PREFERENCE || owner.config.acceptRaRtrPref === 0 ? PREF_MEDIUM : preference;
}

function defaultRouter(addresses: Ipv6Addresses, owner: Ipv6Device, router: In6, view: DataView, start: number): Fib6Info | null {
  const { config, device } = owner;
  const lifetime = view.getUint16(start + LIFETIME);
  if (config.acceptRaDefrtr === 0 || (lifetime !== 0 && lifetime < config.acceptRaMinLft)) return null;
  if (config.acceptRaFromLocal === 0 && addresses.isLocal(router, device)) return null;
  const preference = preferenceOf(owner, view.getUint8(start + FLAGS));
  const { prefixRoutes, ipv6 } = addresses;
  const find = () => routersOf(addresses, owner).find((info) => info.gateway !== null && equalAddress(info.gateway, router)) ?? null;
  let route = find();
  if (route !== null && (lifetime === 0 || route.metric !== config.raDefrtrMetric)) {
    ipv6.fib.remove(route);
    route = null;
  }
  if (lifetime === 0) return null;
  if (route === null) {
    prefixRoutes.insert(
      route6Request({
        tableId: l3TableOf(owner.device) || RT_TABLE_MAIN,
        metric: config.raDefrtrMetric,
        protocol: RTPROT_RA,
        flags: (RTF_GATEWAY | RTF_ADDRCONF | RTF_DEFAULT | routerPreferenceFlags(preference)) >>> 0,
        expires: lifetime,
        nexthops: [{ oif: device.ifindex, gateway: router, weight: 1, flags: 0 }],
      }),
    );
    route = find();
  } else {
    route.flags = (route.flags ^ routerPreferenceFlags(routerPreference(route.flags)) ^ routerPreferenceFlags(preference)) >>> 0;
    prefixRoutes.setExpiry(route, lifetime);
  }
  const hopLimit = view.getUint8(start + HOP_LIMIT);
  if (hopLimit !== 0 && config.acceptRaMinHopLimit < 256 && hopLimit >= config.acceptRaMinHopLimit) {
    config.hopLimit = hopLimit;
    if (route !== null) setMetric(route, RTAX_HOPLIMIT, hopLimit);
  }
  return route;
}

/** Default routes that routers have announced on a device. */
export function routersOf(addresses: Ipv6Addresses, owner: Ipv6Device): Fib6Info[] {
  const wanted = RTF_ADDRCONF | RTF_DEFAULT;
  const node = addresses.ipv6.fib.table(l3TableOf(owner.device) || RT_TABLE_MAIN)?.node(new Uint32Array(4), 0);
  return (node?.routes ?? []).filter((info) => info.device === owner.device && (info.flags & wanted) === wanted);
}

/** A host that becomes a router listens to others no more. Linux: rt6_purge_dflt_routers() */
export function purgeRouters(addresses: Ipv6Addresses): void {
  const wanted = RTF_ADDRCONF | RTF_DEFAULT;
  addresses.ipv6.fib.flush((info) => (info.flags & wanted) === wanted && info.device.ipv6?.config.acceptRa !== 2);
}

function setMetric(route: Fib6Info, which: number, value: number): void {
  route.metrics ??= new Uint32Array(18);
  route.metrics[which] = value;
}

/** True: something is new. */
function timers(owner: Ipv6Device, reachableMs: number, retransMs: number): boolean {
  const { ndParameters: parameters, device } = owner;
  let changed = false;
  if (retransMs !== 0 && retransMs < MAX_TIMER_MS && retransMs !== parameters.values.retransTimeMs) {
    parameters.set('retransTimeMs', Math.max(retransMs, 10));
    changed = true;
  }
  if (reachableMs !== 0 && reachableMs < MAX_TIMER_MS / 3 && reachableMs !== parameters.values.baseReachableTimeMs) {
    parameters.set('baseReachableTimeMs', reachableMs);
    parameters.set('gcStaletimeMs', 3 * reachableMs);
    changed = true;
  }
  if (changed) owner.updatedUs = device.stack.nowUs;
  return changed;
}

// Linux: rt6_route_rcv()
function routeInformation(addresses: Ipv6Addresses, owner: Ipv6Device, router: In6, view: DataView, at: number, units: number): void {
  const { config, device } = owner;
  const prefixLength = view.getUint8(at + 2);
  if (units > 3 || prefixLength > 128 || (prefixLength > 64 && units < 3) || (prefixLength > 0 && units < 2)) return;
  if (prefixLength === 0 && config.acceptRaDefrtr === 0) return;
  if (prefixLength < config.acceptRaRtInfoMinPlen || prefixLength > config.acceptRaRtInfoMaxPlen) return;
  if (((view.getUint8(at + 3) >>> PREFERENCE_SHIFT) & 3) === INVALID_PREFERENCE) return;
  const lifetime = view.getUint32(at + 4);
  if (lifetime !== 0 && lifetime < config.acceptRaMinLft) return;
  const preference = preferenceOf(owner, view.getUint8(at + 3));
  const prefix = new Uint32Array(4);
  for (let i = 0; i < 4 && 8 + 4 * i < units * 8; i++) prefix[i] = view.getUint32(at + 8 + 4 * i);
  maskAddress(prefix, prefixLength);
  const { ipv6, prefixRoutes } = addresses;
  const wanted = prefixLength === 0 ? RTF_ADDRCONF | RTF_DEFAULT : RTF_ROUTEINFO | RTF_GATEWAY;
  const route = ipv6.fib
    .table(l3TableOf(device) || RT_TABLE_MAIN)
    ?.node(prefix, prefixLength)
    ?.routes.find(
      (info) => info.device === device && (info.flags & wanted) === wanted && info.gateway !== null && equalAddress(info.gateway, router),
    );
  if (route !== undefined && lifetime === 0) ipv6.fib.remove(route);
  else if (route !== undefined) {
    route.flags = (route.flags ^ routerPreferenceFlags(routerPreference(route.flags)) ^ routerPreferenceFlags(preference)) >>> 0;
    prefixRoutes.setExpiry(route, lifetime);
  } else if (lifetime !== 0)
    prefixRoutes.insert(
      route6Request({
        tableId: l3TableOf(device) || RT_TABLE_MAIN,
        destination: prefix,
        prefixLength,
        metric: IP6_RT_PRIO_USER,
        protocol: RTPROT_RA,
        flags: (RTF_GATEWAY | RTF_ADDRCONF | (prefixLength === 0 ? RTF_DEFAULT : RTF_ROUTEINFO) | routerPreferenceFlags(preference)) >>> 0,
        expires: lifetime === INFINITY_LIFE_TIME ? null : lifetime,
        nexthops: [{ oif: device.ifindex, gateway: router, weight: 1, flags: 0 }],
      }),
    );
}

// Linux: addrconf_prefix_rcv()
function prefixInformation(addresses: Ipv6Addresses, owner: Ipv6Device, view: DataView, at: number, hasSource: boolean): void {
  const { device } = owner;
  const prefix = readAddress(view, at + 16, new Uint32Array(4));
  const prefixLength = view.getUint8(at + 2);
  const valid = view.getUint32(at + 4);
  const preferred = view.getUint32(at + 8);
  if (isMulticast(prefix) || isLinkLocal(prefix) || preferred > valid || prefixLength > 128) return;
  const onLink = (view.getUint8(at + 3) & ON_LINK_FLAG) !== 0;
  const autoconf = (view.getUint8(at + 3) & AUTONOMOUS_FLAG) !== 0;
  if (onLink) {
    const flags = RTF_ADDRCONF | RTF_PREFIX_RT;
    const route = addresses.prefixRoutes.find(prefix, prefixLength, device, flags, RTF_DEFAULT);
    if (route !== null && valid === 0) addresses.prefixRoutes.unlink(route);
    else if (route !== null) addresses.prefixRoutes.setExpiry(route, valid);
    else if (valid !== 0) addresses.prefixRoutes.add(prefix, prefixLength, 0, device, valid, flags);
  }
  if (autoconf && owner.config.autoconf !== 0 && prefixLength === 64) autoconfigure(addresses, owner, prefix, valid, preferred, hasSource);
  addresses.routers.prefixEvents.notify({ owner, prefix, prefixLength, onLink, autoconf, valid, preferred });
}

/** An address from a prefix, RFC 4862 5.5. Linux: addrconf_prefix_rcv_add_addr() */
function autoconfigure(
  addresses: Ipv6Addresses,
  owner: Ipv6Device,
  prefix: In6,
  validLifetime: number,
  preferred: number,
  hasSource: boolean,
): void {
  const { config, device } = owner;
  const address = prefix.slice();
  let flags = 0;
  const tokenized = owner.token !== null && (owner.token[2]! | owner.token[3]!) !== 0;
  if (tokenized && owner.token !== null) {
    address[2] = owner.token[2]!;
    address[3] = owner.token[3]!;
  } else if (config.addrGenMode === ADDR_GEN_STABLE_PRIVACY || config.addrGenMode === ADDR_GEN_RANDOM) {
    const secret = config.stableSecret ?? addresses.ipv6.defaultConfig.stableSecret;
    if (secret === null || !stablePrivacy(device, secret, address, 0, addresses.ipv6.settings.idgenRetries)) return;
    flags |= IFA_F_STABLE_PRIVACY;
  } else if (!eui64(device, address)) return;
  let held = addresses.find(address, device);
  let valid = validLifetime;
  if (held === null) {
    if (valid === 0 || (config.maxAddresses !== 0 && owner.addresses.length >= config.maxAddresses)) return;
    if ((owner.all.optimisticDad | config.optimisticDad) !== 0 && owner.all.forwarding === 0 && hasSource) flags |= IFA_F_OPTIMISTIC;
    try {
      held = addresses.insert(
        owner,
        address6Request(address, 64, {
          flags: flags | IFA_F_MANAGETEMPADDR,
          protocol: 2,
          validLifetime: valid,
          preferredLifetime: preferred,
        }),
      );
    } catch (error) {
      if (!(error instanceof NetError)) throw error;
      return;
    }
    held.tokenized = tokenized;
    if (preferred === 0) held.flags |= IFA_F_DEPRECATED;
    addresses.dad.start(held);
    addresses.temporary.manage(held, valid, preferred, true);
    return;
  }
  const { nowUs } = device.stack;
  const age = Math.floor((nowUs - held.updatedUs) / US_PER_SECOND);
  const left = held.validLifetime === INFINITY_LIFE_TIME ? INFINITY_LIFE_TIME : Math.max(0, held.validLifetime - age);
  if (left === 0) return;
  valid = Math.max(valid, Math.min(left, MIN_VALID_LIFETIME));
  held.validLifetime = valid;
  held.preferredLifetime = preferred;
  held.updatedUs = nowUs;
  if (preferred > 0) held.flags &= ~IFA_F_DEPRECATED;
  if ((held.flags & IFA_F_TENTATIVE) === 0) addresses.events.notify({ type: 'new', address: held });
  addresses.temporary.manage(held, valid, preferred, false);
}

/** True: the router's MTU is another than before. */
function mtu(addresses: Ipv6Addresses, owner: Ipv6Device, route: Fib6Info | null, announced: number): boolean {
  const changed = owner.raMtu !== announced;
  owner.raMtu = announced;
  if (announced < MIN_MTU || announced > owner.device.mtu || owner.config.mtu === announced) return changed;
  owner.config.mtu = announced;
  if (route !== null) setMetric(route, RTAX_MTU, announced);
  addresses.ipv6.fib.flushCache();
  return changed;
}
