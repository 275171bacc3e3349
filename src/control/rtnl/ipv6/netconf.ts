import { EINVAL } from '../../../base/errno.js';
import { fail } from '../../../base/net-error.js';
import type { Namespace } from '../../../net/core/namespace.js';
import type { Ipv6Config } from '../../../net/ipv6/config.js';
import { AF_INET6, NETLINK_ROUTE, NLM_F_MULTI } from '../../../netlink/constants.js';
import {
  NETCONFA_IFINDEX_ALL,
  NETCONFA_IFINDEX_DEFAULT,
  RTM_DELNETCONF,
  RTM_GETNETCONF,
  RTM_NEWNETCONF,
  RTNLGRP_IPV6_NETCONF,
} from '../../../netlink/rtnl/constants.js';
import { type NetconfAttributes, netconfMessage, netconfmsg } from '../../../netlink/rtnl/netconf.js';
import { type Netconf6Event, netconf6Events } from '../../netconf-events.js';
import type { NetlinkServer } from '../../netlink-kernel.js';
import type { NetlinkRequest } from '../../netlink-request.js';
import { dumpOrder } from '../link/get.js';
import type { RtnetlinkModule } from '../rtnetlink.js';
import { parseStrictly } from '../strict.js';

/** Linux: inet6_netconf_fill_devconf(); `key` left out: all of them. */
function describe(ifindex: number, config: Ipv6Config, key?: Netconf6Event['key']): NetconfAttributes {
  const all: NetconfAttributes = {
    forwarding: config.forwarding,
    mcForwarding: config.mcForwarding,
    proxyNeigh: config.proxyNdp,
    ignoreRoutesWithLinkdown: config.ignoreRoutesWithLinkdown,
  };
  if (key === undefined) return { ifindex, ...all };
  const shown = key === 'proxyNdp' ? 'proxyNeigh' : key;
  return { ifindex, [shown]: all[shown] };
}

/** What there is to show, in the order of a dump: the devices, all, default. */
function* configs(namespace: Namespace): Generator<readonly [number, Ipv6Config]> {
  const { allConfig, defaultConfig } = namespace.ipv6;
  for (const device of dumpOrder(namespace)) if (device.ipv6 !== null) yield [device.ifindex, device.ipv6.config];
  yield [NETCONFA_IFINDEX_ALL, allConfig];
  yield [NETCONFA_IFINDEX_DEFAULT, defaultConfig];
}

// Linux: inet6_netconf_get_devconf()
function getNetconf(request: NetlinkRequest): void {
  const { attributes } = request.strict
    ? parseStrictly(request, netconfMessage, netconfmsg.size, {
        badHeader: 'ipv6: Invalid header for netconf get request',
        allowed: ['ifindex'],
        badAttribute: 'ipv6: Unsupported attribute in netconf get request',
      })
    : netconfMessage.parse(request.message);
  for (const [ifindex, config] of configs(request.namespace))
    if (ifindex === attributes.ifindex) {
      request.answer(netconfMessage, { family: AF_INET6 }, describe(ifindex, config), RTM_NEWNETCONF);
      return;
    }
  fail(EINVAL);
}

function tell(server: NetlinkServer, namespace: Namespace, type: number, attributes: NetconfAttributes): void {
  server.notify({ protocol: NETLINK_ROUTE, namespace, group: RTNLGRP_IPV6_NETCONF }, (writer, sequence, portId) => {
    netconfMessage.build(writer, type, 0, sequence, portId, { family: AF_INET6 }, attributes);
  });
}

/** IPv6's settings of devices: RTM_GETNETCONF, RTNLGRP_IPV6_NETCONF. */
export const netconf6Module: RtnetlinkModule = {
  handlers: [
    {
      type: RTM_GETNETCONF,
      family: AF_INET6,
      handle: getNetconf,
      dump: (request) => ({
        generation: () => request.namespace.deviceGeneration,
        *messages(writer) {
          const { sequence } = request.message;
          const { portId } = request.socket;
          for (const [ifindex, config] of configs(request.namespace)) {
            netconfMessage.build(writer, RTM_NEWNETCONF, NLM_F_MULTI, sequence, portId, { family: AF_INET6 }, describe(ifindex, config));
            yield;
          }
        },
      }),
    },
  ],
  watch(server, namespace) {
    namespace.deviceEvents.subscribe(({ type, device }) => {
      if (type === 'register' && device.ipv6 !== null)
        tell(server, namespace, RTM_NEWNETCONF, describe(device.ifindex, device.ipv6.config));
      if (type === 'unregister') tell(server, namespace, RTM_DELNETCONF, { ifindex: device.ifindex });
    });
    netconf6Events(namespace).subscribe(({ ifindex, config, key }) => {
      tell(server, namespace, RTM_NEWNETCONF, describe(ifindex, config, key));
    });
  },
};
