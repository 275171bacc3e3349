import { AF_INET, NETLINK_ROUTE } from '../../netlink/constants.js';
import { RTM_DELROUTE, RTM_GETROUTE, RTM_NEWROUTE, RTNLGRP_IPV4_ROUTE } from '../../netlink/rtnl/constants.js';
import { routeMessage } from '../../netlink/rtnl/route.js';
import { fibOf } from './ipv4.js';
import { describeRoute } from './route/describe.js';
import { dumpRoutes } from './route/dump.js';
import { getRoute } from './route/get.js';
import { routeRequestOf } from './route/request.js';
import type { RtnetlinkModule } from './rtnetlink.js';

/** IPv4 routes: RTM_*ROUTE, RTNLGRP_IPV4_ROUTE. */
export const routeModule: RtnetlinkModule = {
  handlers: [
    {
      type: RTM_NEWROUTE,
      family: AF_INET,
      handle: (request) => fibOf(request.namespace).insert(routeRequestOf(request), request.flags),
    },
    { type: RTM_DELROUTE, family: AF_INET, handle: (request) => fibOf(request.namespace).delete(routeRequestOf(request)) },
    { type: RTM_GETROUTE, family: AF_INET, handle: getRoute, dump: dumpRoutes },
  ],
  watch(server, namespace) {
    fibOf(namespace).events.subscribe(({ type, route, flags }) => {
      if (type === 'flush') return;
      const notification = { protocol: NETLINK_ROUTE, namespace, group: RTNLGRP_IPV4_ROUTE, answersRequest: true };
      server.notify(notification, (writer, sequence, portId) => {
        const { header, attributes } = describeRoute(route, namespace.ipv4.settings.nexthopCompatMode);
        const messageType = type === 'delete' ? RTM_DELROUTE : RTM_NEWROUTE;
        routeMessage.build(writer, messageType, flags, sequence, portId, header, attributes);
      });
    });
  },
};
