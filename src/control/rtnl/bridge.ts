import type { BridgeEvent } from '../../net/bridge/events.js';
import type { NetDevice } from '../../net/core/device.js';
import type { Namespace } from '../../net/core/namespace.js';
import { AF_BRIDGE, NETLINK_ROUTE } from '../../netlink/constants.js';
import { bridgeLinkMessage } from '../../netlink/rtnl/bridge.js';
import {
  RTEXT_FILTER_BRVLAN_COMPRESSED,
  RTM_DELLINK,
  RTM_DELNEIGH,
  RTM_GETLINK,
  RTM_GETNEIGH,
  RTM_NEWLINK,
  RTM_NEWNEIGH,
  RTM_SETLINK,
  RTNLGRP_LINK,
  RTNLGRP_NEIGH,
} from '../../netlink/rtnl/constants.js';
import { neighbourMessage } from '../../netlink/rtnl/neighbour.js';
import type { NetlinkServer } from '../netlink-kernel.js';
import { addFdb, deleteFdb, describeFdb, dumpFdb, getFdb } from './bridge/fdb.js';
import { bridgeHeader, changeBridgeLink, describeBridgeLink, dumpBridgeLinks } from './bridge/link.js';
import type { RtnetlinkModule } from './rtnetlink.js';

function tellLink(server: NetlinkServer, namespace: Namespace, device: NetDevice, type: number): void {
  if (!server.hasListeners(NETLINK_ROUTE, namespace, RTNLGRP_LINK)) return;
  server.notify({ protocol: NETLINK_ROUTE, namespace, group: RTNLGRP_LINK }, (writer, sequence, portId) => {
    const attributes = describeBridgeLink(device, RTEXT_FILTER_BRVLAN_COMPRESSED);
    bridgeLinkMessage.build(writer, type, 0, sequence, portId, bridgeHeader(device), attributes);
  });
}

// Linux: br_ifinfo_notify(), fdb_notify()
function onBridgeEvent(server: NetlinkServer, namespace: Namespace, event: BridgeEvent): void {
  switch (event.type) {
    case 'port':
      tellLink(server, namespace, event.port.device, RTM_NEWLINK);
      break;
    case 'portGone':
      tellLink(server, namespace, event.port.device, RTM_DELLINK);
      break;
    case 'vlans':
      tellLink(server, namespace, event.bridge, RTM_NEWLINK);
      break;
    default:
      if (!server.hasListeners(NETLINK_ROUTE, namespace, RTNLGRP_NEIGH)) return;
      server.notify({ protocol: NETLINK_ROUTE, namespace, group: RTNLGRP_NEIGH }, (writer, sequence, portId) => {
        const { header, attributes } = describeFdb(event.bridge, event.entry);
        const type = event.type === 'fdbNew' ? RTM_NEWNEIGH : RTM_DELNEIGH;
        neighbourMessage.build(writer, type, 0, sequence, portId, header, attributes);
      });
  }
}

/** Bridges as AF_BRIDGE shows them: ports and their VLANs, forwarding entries. */
export const bridgeModule: RtnetlinkModule = {
  handlers: [
    { type: RTM_GETLINK, family: AF_BRIDGE, dump: dumpBridgeLinks },
    { type: RTM_SETLINK, family: AF_BRIDGE, handle: changeBridgeLink },
    { type: RTM_DELLINK, family: AF_BRIDGE, handle: changeBridgeLink },
    { type: RTM_NEWNEIGH, family: AF_BRIDGE, handle: addFdb },
    { type: RTM_DELNEIGH, family: AF_BRIDGE, handle: deleteFdb, bulk: true },
    { type: RTM_GETNEIGH, family: AF_BRIDGE, handle: getFdb, dump: dumpFdb },
  ],
  watch(server, namespace) {
    namespace.bridgeEvents.subscribe((event) => onBridgeEvent(server, namespace, event));
  },
};
