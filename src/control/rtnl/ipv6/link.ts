import type { NetDevice } from '../../../net/core/device.js';
import { deviceFlags, shownOperState } from '../../../net/core/device-state.js';
import { AF_INET6, NETLINK_ROUTE, NLM_F_MULTI } from '../../../netlink/constants.js';
import { RTM_GETLINK, RTM_NEWLINK, RTM_NEWPREFIX, RTNLGRP_IPV6_IFINFO, RTNLGRP_IPV6_PREFIX } from '../../../netlink/rtnl/constants.js';
import { type LinkAttributes, type LinkHeader, linkInet6, linkMessage } from '../../../netlink/rtnl/link/link.js';
import { prefixMessage } from '../../../netlink/rtnl/prefix.js';
import { Deferred } from '../../../netlink/schema.js';
import type { Dump } from '../../netlink-protocol.js';
import type { NetlinkRequest } from '../../netlink-request.js';
import { dumpOrder } from '../link/get.js';
import type { RtnetlinkModule } from '../rtnetlink.js';
import { in6Bytes } from './in6.js';
import { describeInet6 } from './inet6.js';

const PREFIX_ONLINK = 1;
const PREFIX_AUTOCONF = 2;
/** ND_OPT_PREFIX_INFO */
const OPTION_PREFIX = 3;

// Linux: inet6_fill_ifinfo()
function describe(device: NetDevice): { readonly header: Partial<LinkHeader>; readonly attributes: LinkAttributes } {
  const inet6 = describeInet6(device, 0);
  return {
    header: { family: AF_INET6, type: device.type, index: device.ifindex, flags: deviceFlags(device) >>> 0 },
    attributes: {
      ifname: device.name,
      ...(device.address.length === 0 ? {} : { address: device.address }),
      mtu: device.mtu,
      ...(device.iflink === device.ifindex ? {} : { link: device.iflink }),
      operstate: shownOperState(device),
      ...(inet6 === undefined ? {} : { protinfo: Deferred.of(linkInet6, inet6) }),
    },
  };
}

// Linux: inet6_dump_ifinfo()
const dumpLinks = (request: NetlinkRequest): Dump => ({
  generation: () => request.namespace.deviceGeneration,
  *messages(writer) {
    for (const device of dumpOrder(request.namespace)) {
      if (device.ipv6 === null) continue;
      const { header, attributes } = describe(device);
      linkMessage.build(writer, RTM_NEWLINK, NLM_F_MULTI, request.message.sequence, request.socket.portId, header, attributes);
      yield;
    }
  },
});

/** IPv6 as devices have it: RTM_GETLINK of AF_INET6, RTNLGRP_IPV6_IFINFO, and the prefixes of routers, RTNLGRP_IPV6_PREFIX. */
export const link6Module: RtnetlinkModule = {
  handlers: [{ type: RTM_GETLINK, family: AF_INET6, dump: dumpLinks }],
  watch(server, namespace) {
    const { linkEvents, routers } = namespace.ipv6.addresses;
    linkEvents.subscribe((device) => {
      server.notify({ protocol: NETLINK_ROUTE, namespace, group: RTNLGRP_IPV6_IFINFO }, (writer, sequence, portId) => {
        const { header, attributes } = describe(device);
        linkMessage.build(writer, RTM_NEWLINK, 0, sequence, portId, header, attributes);
      });
    });
    routers.prefixEvents.subscribe((event) => {
      server.notify({ protocol: NETLINK_ROUTE, namespace, group: RTNLGRP_IPV6_PREFIX }, (writer, sequence, portId) => {
        const flags = (event.onLink ? PREFIX_ONLINK : 0) | (event.autoconf ? PREFIX_AUTOCONF : 0);
        const { ifindex } = event.owner.device;
        const header = { family: AF_INET6, ifindex, type: OPTION_PREFIX, len: event.prefixLength, flags };
        const cacheinfo = { preferredTime: event.preferred, validTime: event.valid };
        prefixMessage.build(writer, RTM_NEWPREFIX, 0, sequence, portId, header, { address: in6Bytes(event.prefix), cacheinfo });
      });
    });
  },
};
