import { EINVAL, ENODEV } from '../../base/errno.js';
import { fail } from '../../base/net-error.js';
import type { Namespace } from '../../net/core/namespace.js';
import type { AddressEvent, Ipv4Address } from '../../net/ipv4/address.js';
import { AF_INET, NETLINK_ROUTE, NLM_F_DUMP_FILTERED, NLM_F_EXCL, NLM_F_MULTI, NLM_F_REPLACE } from '../../netlink/constants.js';
import { type AddressAttributes, type AddressHeader, addressMessage, ifaddrmsg } from '../../netlink/rtnl/address.js';
import { INFINITY_LIFE_TIME, RTM_DELADDR, RTM_GETADDR, RTM_NEWADDR, RTNLGRP_IPV4_IFADDR } from '../../netlink/rtnl/constants.js';
import type { Dump } from '../netlink-protocol.js';
import type { NetlinkRequest } from '../netlink-request.js';
import { addressesOf, ipv4Bytes, ipv4Number } from './ipv4.js';
import { dumpOrder } from './link/get.js';
import { parseStrictly } from './strict.js';
import type { RtnetlinkModule } from './rtnetlink.js';
import { targetNamespace } from './target-namespace.js';

const US_PER_HUNDREDTH = 10_000;

// Linux: rtm_to_ifaddr(), inet_rtm_newaddr()
function newAddress(request: NetlinkRequest): void {
  const { header, attributes } = addressMessage.parse(request.message);
  if (header.prefixlen > 32 || attributes.local === undefined) fail(EINVAL);
  const device = request.namespace.deviceByIndex(header.index) ?? fail(ENODEV);
  const { cacheinfo } = attributes;
  if (cacheinfo !== undefined && (cacheinfo.valid === 0 || cacheinfo.prefered > cacheinfo.valid)) fail(EINVAL);
  const local = ipv4Number(attributes.local);
  addressesOf(request.namespace).add(
    {
      device,
      local,
      address: attributes.address === undefined ? local : ipv4Number(attributes.address),
      prefixLength: header.prefixlen,
      broadcast: attributes.broadcast === undefined ? 0 : ipv4Number(attributes.broadcast),
      scope: header.scope,
      label: attributes.label ?? device.name,
      flags: attributes.flags ?? header.flags,
      priority: attributes.rtPriority ?? 0,
      protocol: attributes.proto ?? 0,
      validLifetime: cacheinfo?.valid ?? INFINITY_LIFE_TIME,
      preferredLifetime: cacheinfo?.prefered ?? INFINITY_LIFE_TIME,
    },
    { replace: (request.flags & NLM_F_REPLACE) !== 0, exclusive: (request.flags & NLM_F_EXCL) !== 0 },
  );
}

// Linux: inet_rtm_deladdr()
function deleteAddress(request: NetlinkRequest): void {
  const { header, attributes } = addressMessage.parse(request.message);
  const device = request.namespace.deviceByIndex(header.index) ?? fail(ENODEV);
  addressesOf(request.namespace).delete(device, {
    ...(attributes.local === undefined ? {} : { local: ipv4Number(attributes.local) }),
    ...(attributes.label === undefined ? {} : { label: attributes.label }),
    ...(attributes.address === undefined ? {} : { address: ipv4Number(attributes.address), prefixLength: header.prefixlen }),
  });
}

// Linux: inet_fill_ifaddr()
function describe(address: Ipv4Address, nowUs: number, targetNetnsid?: number): AddressAttributes {
  const { valid, preferred } = address.remaining(nowUs);
  return {
    targetNetnsid,
    ...(address.address === 0 ? {} : { address: ipv4Bytes(address.address) }),
    ...(address.local === 0 ? {} : { local: ipv4Bytes(address.local) }),
    ...(address.broadcast === 0 ? {} : { broadcast: ipv4Bytes(address.broadcast) }),
    ...(address.label === '' ? {} : { label: address.label }),
    ...(address.protocol === 0 ? {} : { proto: address.protocol }),
    flags: address.flags,
    ...(address.priority === 0 ? {} : { rtPriority: address.priority }),
    cacheinfo: {
      prefered: preferred,
      valid,
      cstamp: Math.floor(Math.max(address.createdUs, 0) / US_PER_HUNDREDTH),
      tstamp: Math.floor(address.updatedUs / US_PER_HUNDREDTH),
    },
  };
}

const headerOf = (address: Ipv4Address): AddressHeader => ({
  family: AF_INET,
  prefixlen: address.prefixLength,
  flags: address.flags & 0xff,
  scope: address.scope,
  index: address.device.ifindex,
});

// Linux: inet_dump_ifaddr()
function dumpAddresses(request: NetlinkRequest): Dump {
  const { namespace } = request;
  return {
    generation: () => addressesOf(namespace).generation + namespace.deviceGeneration,
    *messages(writer) {
      const { index, targetNetnsid } = request.strict ? strictFilter(request) : { index: 0, targetNetnsid: undefined };
      const viewed = targetNamespace(request, targetNetnsid);
      if (index !== 0 && viewed.deviceByIndex(index) === undefined) fail(ENODEV);
      const flags = NLM_F_MULTI | (index === 0 ? 0 : NLM_F_DUMP_FILTERED);
      const { sequence } = request.message;
      for (const device of dumpOrder(viewed)) {
        if (index !== 0 && device.ifindex !== index) continue;
        for (const address of [...addressesOf(viewed).of(device)]) {
          const attributes = describe(address, viewed.stack.nowUs, targetNetnsid);
          addressMessage.build(writer, RTM_NEWADDR, flags, sequence, request.socket.portId, headerOf(address), attributes);
          yield;
        }
      }
    },
  };
}

// Linux: inet_valid_dump_ifaddr_req()
function strictFilter(request: NetlinkRequest) {
  const { header, attributes } = parseStrictly(request, addressMessage, ifaddrmsg.size, {
    badHeader: 'ipv4: Invalid header for address dump request',
    allowed: ['targetNetnsid'],
    badAttribute: 'ipv4: Unsupported attribute in dump request',
  });
  if (header.prefixlen !== 0 || header.flags !== 0 || header.scope !== 0)
    fail(EINVAL, 'ipv4: Invalid values in header for address dump request');
  return { index: header.index, targetNetnsid: attributes.targetNetnsid };
}

/** IPv4 addresses: RTM_*ADDR, RTNLGRP_IPV4_IFADDR. */
export const addressModule: RtnetlinkModule = {
  handlers: [
    { type: RTM_NEWADDR, family: AF_INET, handle: newAddress },
    { type: RTM_DELADDR, family: AF_INET, handle: deleteAddress },
    { type: RTM_GETADDR, family: AF_INET, dump: dumpAddresses },
  ],
  watch(server, namespace: Namespace) {
    addressesOf(namespace).events.subscribe(({ type, address }: AddressEvent) => {
      const notification = { protocol: NETLINK_ROUTE, namespace, group: RTNLGRP_IPV4_IFADDR, answersRequest: true };
      server.notify(notification, (writer, sequence, portId) => {
        const messageType = type === 'new' ? RTM_NEWADDR : RTM_DELADDR;
        addressMessage.build(writer, messageType, 0, sequence, portId, headerOf(address), describe(address, namespace.stack.nowUs));
      });
    });
  },
};
