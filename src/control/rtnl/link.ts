import type { NetDevice } from '../../net/core/device.js';
import type { DeviceEvent } from '../../net/core/device-event.js';
import type { Namespace } from '../../net/core/namespace.js';
import { AF_UNSPEC, NETLINK_ROUTE } from '../../netlink/constants.js';
import {
  RTM_DELLINK,
  RTM_DELLINKPROP,
  RTM_GETLINK,
  RTM_NEWLINK,
  RTM_NEWLINKPROP,
  RTM_SETLINK,
  RTNLGRP_LINK,
} from '../../netlink/rtnl/constants.js';
import { linkMessage } from '../../netlink/rtnl/link/link.js';
import type { NetlinkServer } from '../netlink-kernel.js';
import { deleteLink } from './link/delete.js';
import { describeLink, type LinkDescription, linkHeader } from './link/describe.js';
import { dumpLinks, getLink } from './link/get.js';
import { newLink } from './link/new.js';
import { changeProperties } from './link/properties.js';
import { setLink } from './link/set.js';
import { namespaceIdOf } from './namespace-ids.js';
import type { RtnetlinkModule } from './rtnetlink.js';

const ALL_FLAGS = 0xffff_ffff;
// IFLA_EVENT_*, linux/if_link.h
const EVENT_FEATURES = 2;
const EVENT_BONDING_FAILOVER = 3;
const EVENT_NOTIFY_PEERS = 4;
const EVENT_IGMP_RESEND = 5;

function tell(server: NetlinkServer, namespace: Namespace, device: NetDevice, type: number, change: number, more: More = {}): void {
  if (!server.hasListeners(NETLINK_ROUTE, namespace, RTNLGRP_LINK)) return;
  // Of one that is on its way out only that is told. Linux: rtmsg_ifinfo_event()
  if (type === RTM_NEWLINK && !device.registered) return;
  server.notify({ protocol: NETLINK_ROUTE, namespace, group: RTNLGRP_LINK }, (writer, sequence, portId) => {
    const attributes = { ...describeLink(server, device, { viewer: namespace, ...more }), event: more.event };
    linkMessage.build(writer, type, 0, sequence, portId, linkHeader(device, change), attributes);
  });
}

interface More extends Pick<LinkDescription, 'movedTo'> {
  readonly event?: number;
}

// Linux: rtnetlink_event() and the callers of rtmsg_ifinfo(); device-event.ts says which events stand for them.
function onDeviceEvent(server: NetlinkServer, namespace: Namespace, event: DeviceEvent): void {
  const { device } = event;
  switch (event.type) {
    case 'change':
      tell(server, namespace, device, RTM_NEWLINK, event.flags);
      break;
    case 'features':
      tell(server, namespace, device, RTM_NEWLINK, 0, { event: EVENT_FEATURES });
      break;
    case 'bondingFailover':
      tell(server, namespace, device, RTM_NEWLINK, 0, { event: EVENT_BONDING_FAILOVER });
      break;
    case 'notifyPeers':
      tell(server, namespace, device, RTM_NEWLINK, 0, { event: EVENT_NOTIFY_PEERS });
      break;
    case 'resendIgmp':
      tell(server, namespace, device, RTM_NEWLINK, 0, { event: EVENT_IGMP_RESEND });
      break;
    case 'lowerState':
    case 'mtu':
    case 'address':
    case 'rename':
    case 'master':
    case 'txQueueLength':
      tell(server, namespace, device, RTM_NEWLINK, 0);
      break;
    case 'unlisted': {
      const { movedTo, newIfindex } = event;
      const target = movedTo === null ? undefined : { netnsid: namespaceIdOf(server, namespace, movedTo), ifindex: newIfindex };
      tell(server, namespace, device, RTM_DELLINK, ALL_FLAGS, { movedTo: target });
      break;
    }
  }
}

/** Devices: RTM_*LINK and RTM_*LINKPROP, RTNLGRP_LINK. */
export const linkModule: RtnetlinkModule = {
  handlers: [
    { type: RTM_GETLINK, family: AF_UNSPEC, handle: getLink, dump: dumpLinks },
    { type: RTM_SETLINK, family: AF_UNSPEC, handle: setLink },
    { type: RTM_NEWLINK, family: AF_UNSPEC, handle: newLink },
    { type: RTM_DELLINK, family: AF_UNSPEC, handle: deleteLink },
    { type: RTM_NEWLINKPROP, family: AF_UNSPEC, handle: changeProperties },
    { type: RTM_DELLINKPROP, family: AF_UNSPEC, handle: changeProperties },
  ],
  watch(server, namespace) {
    namespace.deviceEvents.subscribe((event) => onDeviceEvent(server, namespace, event));
  },
};
