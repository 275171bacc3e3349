import { EADDRNOTAVAIL, EEXIST, EINVAL, ENODEV } from '../../../base/errno.js';
import { fail } from '../../../base/net-error.js';
import type { NetDevice } from '../../../net/core/device.js';
import type { Namespace } from '../../../net/core/namespace.js';
import type { Ipv6Address } from '../../../net/ipv6/address.js';
import { remaining } from '../../../net/ipv6/addrconf/lifetimes.js';
import type { Address6Request } from '../../../net/ipv6/addrconf/request.js';
import { AF_INET6, NETLINK_ROUTE, NLM_F_DUMP_FILTERED, NLM_F_EXCL, NLM_F_MULTI, NLM_F_REPLACE } from '../../../netlink/constants.js';
import { type AddressAttributes, type AddressHeader, addressMessage, ifaddrmsg } from '../../../netlink/rtnl/address.js';
import {
  IFA_F_HOMEADDRESS,
  IFA_F_MANAGETEMPADDR,
  IFA_F_MCAUTOJOIN,
  IFA_F_NODAD,
  IFA_F_NOPREFIXROUTE,
  IFA_F_OPTIMISTIC,
  IFA_F_PERMANENT,
  INFINITY_LIFE_TIME,
  RTM_DELADDR,
  RT_SCOPE_LINK,
  RT_SCOPE_UNIVERSE,
  RTM_GETADDR,
  RTM_GETANYCAST,
  RTM_GETMULTICAST,
  RTM_NEWADDR,
  RTNLGRP_IPV6_IFADDR,
} from '../../../netlink/rtnl/constants.js';
import { type In6, isAny, isLinkLocal, isMulticast, multicastScope } from '../../../wire/ipv6.js';
import type { Dump } from '../../netlink-protocol.js';
import type { NetlinkRequest } from '../../netlink-request.js';
import { dumpOrder } from '../link/get.js';
import type { RtnetlinkModule } from '../rtnetlink.js';
import { parseStrictly } from '../strict.js';
import { targetNamespace } from '../target-namespace.js';
import { in6, in6Bytes } from './in6.js';

const US_PER_HUNDREDTH = 10_000;
const SETTABLE = IFA_F_NODAD | IFA_F_HOMEADDRESS | IFA_F_MANAGETEMPADDR | IFA_F_NOPREFIXROUTE | IFA_F_MCAUTOJOIN | IFA_F_OPTIMISTIC;

/** The address itself and the other end. Linux: extract_addr() */
function endsOf({ address, local }: AddressAttributes) {
  const own = local ?? address ?? fail(EINVAL);
  const other = local !== undefined && address !== undefined ? in6(address) : null;
  const words = in6(own);
  return { address: words, peer: other === null || other.every((word, i) => word === words[i]) ? null : other };
}

// Linux: inet6_rtm_newaddr()
function newAddress(request: NetlinkRequest): void {
  const { header, attributes } = addressMessage.parse(request.message);
  const { ipv6 } = request.namespace;
  const { address, peer } = endsOf(attributes);
  const device = request.namespace.deviceByIndex(header.index) ?? fail(ENODEV);
  let flags = (attributes.flags ?? header.flags) & SETTABLE;
  const mayBeOptimistic =
    (ipv6.allConfig.optimisticDad | (device.ipv6?.config.optimisticDad ?? 0)) !== 0 && ipv6.allConfig.forwarding === 0;
  if (!mayBeOptimistic) flags &= ~IFA_F_OPTIMISTIC;
  if ((flags & IFA_F_NODAD) !== 0 && (flags & IFA_F_OPTIMISTIC) !== 0)
    fail(EINVAL, 'IFA_F_NODAD and IFA_F_OPTIMISTIC are mutually exclusive');
  const wanted: Address6Request = {
    address,
    peer,
    prefixLength: header.prefixlen,
    flags,
    priority: attributes.rtPriority ?? 0,
    protocol: attributes.proto ?? 0,
    validLifetime: attributes.cacheinfo?.valid ?? INFINITY_LIFE_TIME,
    preferredLifetime: attributes.cacheinfo?.prefered ?? INFINITY_LIFE_TIME,
  };
  const held = ipv6.addresses.find(address, device);
  if (held === null) ipv6.addresses.addRequested(device, wanted);
  else if ((request.flags & NLM_F_EXCL) !== 0 || (request.flags & NLM_F_REPLACE) === 0) fail(EEXIST);
  else ipv6.addresses.modify(held, wanted);
}

// Linux: inet6_rtm_deladdr()
function deleteAddress(request: NetlinkRequest): void {
  const { header, attributes } = addressMessage.parse(request.message);
  const { address } = endsOf(attributes);
  const device = request.namespace.deviceByIndex(header.index) ?? fail(ENODEV);
  request.namespace.ipv6.addresses.delete(device, address, header.prefixlen);
}

// Linux: inet6_fill_ifaddr()
function describe(held: Ipv6Address, targetNetnsid?: number): AddressAttributes {
  const { nowUs } = held.owner.device.stack;
  const { valid, preferred } = remaining(held, nowUs);
  const peer = held.peer !== null && !isAny(held.peer) ? held.peer : null;
  return {
    targetNetnsid,
    ...(peer === null ? { address: in6Bytes(held.address) } : { local: in6Bytes(held.address), address: in6Bytes(peer) }),
    ...(held.priority === 0 ? {} : { rtPriority: held.priority }),
    cacheinfo: {
      prefered: preferred,
      valid,
      cstamp: Math.floor(Math.max(held.createdUs, 0) / US_PER_HUNDREDTH),
      tstamp: Math.floor(held.updatedUs / US_PER_HUNDREDTH),
    },
    flags: held.flags,
    ...(held.protocol === 0 ? {} : { proto: held.protocol }),
  };
}

const headerOf = (held: Ipv6Address): AddressHeader => ({
  family: AF_INET6,
  prefixlen: held.prefixLength,
  flags: held.flags & 0xff,
  scope: held.scope,
  index: held.owner.device.ifindex,
});

/** RTM_GETADDR of one address. Linux: inet6_rtm_getaddr() */
function getAddress(request: NetlinkRequest): void {
  const { header, attributes } = addressMessage.parse(request.message);
  const namespace = targetNamespace(request, attributes.targetNetnsid);
  const { address } = endsOf(attributes);
  const device = header.index === 0 ? null : (namespace.deviceByIndex(header.index) ?? null);
  const held = namespace.ipv6.addresses.find(address, device) ?? fail(EADDRNOTAVAIL);
  request.answer(addressMessage, headerOf(held), describe(held, attributes.targetNetnsid), RTM_NEWADDR);
}

// Linux: inet6_dump_addr()
function dumpAddresses(request: NetlinkRequest): Dump {
  const { namespace } = request;
  return {
    generation: () => namespace.ipv6.addresses.generation + namespace.deviceGeneration,
    *messages(writer) {
      const { index, targetNetnsid } = request.strict ? strictFilter(request) : { index: 0, targetNetnsid: undefined };
      const viewed = targetNamespace(request, targetNetnsid);
      if (index !== 0 && viewed.deviceByIndex(index) === undefined) fail(ENODEV);
      const flags = NLM_F_MULTI | (index === 0 ? 0 : NLM_F_DUMP_FILTERED);
      const { sequence } = request.message;
      for (const device of dumpOrder(viewed)) {
        if (index !== 0 && device.ifindex !== index) continue;
        for (const held of [...(device.ipv6?.addresses ?? [])]) {
          const attributes = describe(held, targetNetnsid);
          addressMessage.build(writer, RTM_NEWADDR, flags, sequence, request.socket.portId, headerOf(held), attributes);
          yield;
        }
      }
    },
  };
}

// Linux: inet6_valid_dump_ifaddr_req()
function strictFilter(request: NetlinkRequest) {
  const { header, attributes } = parseStrictly(request, addressMessage, ifaddrmsg.size, {
    badHeader: 'ipv6: Invalid header for address dump request',
    allowed: ['targetNetnsid'],
    badAttribute: 'ipv6: Unsupported attribute in dump request',
  });
  if (header.prefixlen !== 0 || header.flags !== 0 || header.scope !== 0)
    fail(EINVAL, 'ipv6: Invalid values in header for address dump request');
  return { index: header.index, targetNetnsid: attributes.targetNetnsid };
}

/** RTM_GETMULTICAST, RTM_GETANYCAST. Linux: inet6_dump_ifmcaddr(), inet6_dump_ifacaddr() */
const dumpGroups =
  (type: number, groups: (device: NetDevice) => readonly In6[], attribute: 'multicast' | 'anycast') =>
  (request: NetlinkRequest): Dump => ({
    *messages(writer) {
      for (const device of dumpOrder(request.namespace))
        for (const group of groups(device)) {
          const scope = isLinkLocal(group) || (isMulticast(group) && multicastScope(group) <= 2) ? RT_SCOPE_LINK : RT_SCOPE_UNIVERSE;
          const header = { family: AF_INET6, prefixlen: 128, flags: IFA_F_PERMANENT, scope, index: device.ifindex };
          const cacheinfo = { prefered: INFINITY_LIFE_TIME, valid: INFINITY_LIFE_TIME, cstamp: 0, tstamp: 0 };
          const attributes = { [attribute]: in6Bytes(group), cacheinfo };
          addressMessage.build(writer, type, NLM_F_MULTI, request.message.sequence, request.socket.portId, header, attributes);
          yield;
        }
    },
  });

const dumpMulticast = dumpGroups(
  RTM_GETMULTICAST,
  (device) => device.namespace.ipv6.multicast.groupsOf(device).map(({ group }) => group),
  'multicast',
);
const dumpAnycast = dumpGroups(RTM_GETANYCAST, (device) => device.ipv6?.anycast.map(({ address }) => address) ?? [], 'anycast');

/** IPv6 addresses: RTM_*ADDR, RTNLGRP_IPV6_IFADDR. */
export const address6Module: RtnetlinkModule = {
  handlers: [
    { type: RTM_NEWADDR, family: AF_INET6, handle: newAddress },
    { type: RTM_DELADDR, family: AF_INET6, handle: deleteAddress },
    { type: RTM_GETADDR, family: AF_INET6, handle: getAddress, dump: dumpAddresses },
    { type: RTM_GETMULTICAST, family: AF_INET6, dump: dumpMulticast },
    { type: RTM_GETANYCAST, family: AF_INET6, dump: dumpAnycast },
  ],
  watch(server, namespace: Namespace) {
    namespace.ipv6.addresses.events.subscribe(({ type, address }) => {
      server.notify({ protocol: NETLINK_ROUTE, namespace, group: RTNLGRP_IPV6_IFADDR }, (writer, sequence, portId) => {
        addressMessage.build(writer, type === 'new' ? RTM_NEWADDR : RTM_DELADDR, 0, sequence, portId, headerOf(address), describe(address));
      });
    });
  },
};
