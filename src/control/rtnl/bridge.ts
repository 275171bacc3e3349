import type { BridgeEvent } from '../../net/bridge/events.js';
import type { NetDevice } from '../../net/core/device.js';
import type { Namespace } from '../../net/core/namespace.js';
import { AF_BRIDGE, NETLINK_ROUTE } from '../../netlink/constants.js';
import { bridgeLinkMessage } from '../../netlink/rtnl/bridge.js';
import { bridgeVlanMessage } from '../../netlink/rtnl/bridge-vlan.js';
import {
  RTEXT_FILTER_BRVLAN_COMPRESSED,
  RTM_DELLINK,
  RTM_DELMDB,
  RTM_DELNEIGH,
  RTM_DELVLAN,
  RTM_GETLINK,
  RTM_GETMDB,
  RTM_GETNEIGH,
  RTM_GETVLAN,
  RTM_NEWLINK,
  RTM_NEWMDB,
  RTM_NEWNEIGH,
  RTM_NEWVLAN,
  RTM_SETLINK,
  RTNLGRP_BRVLAN,
  RTNLGRP_LINK,
  RTNLGRP_MDB,
  RTNLGRP_NEIGH,
} from '../../netlink/rtnl/constants.js';
import { mdbMessage } from '../../netlink/rtnl/mdb.js';
import { neighbourMessage } from '../../netlink/rtnl/neighbour.js';
import type { MessageWriter } from '../../netlink/writer.js';
import type { NetlinkServer } from '../netlink-kernel.js';
import { addFdb, deleteFdb, describeFdb, dumpFdb, getFdb } from './bridge/fdb.js';
import { bridgeHeader, changeBridgeLink, describeBridgeLink, dumpBridgeLinks } from './bridge/link.js';
import { addMdb, deleteMdb, describeMembership, dumpMdb } from './bridge/mdb.js';
import { changeVlan, describeGlobal, describeVlan, dumpVlans, goneVlan } from './bridge/vlan.js';
import type { RtnetlinkModule } from './rtnetlink.js';

type Build = (writer: MessageWriter, sequence: number, portId: number) => void;

function tell(server: NetlinkServer, namespace: Namespace, group: number, build: Build): void {
  if (server.hasListeners(NETLINK_ROUTE, namespace, group)) server.notify({ protocol: NETLINK_ROUTE, namespace, group }, build);
}

function tellLink(server: NetlinkServer, namespace: Namespace, device: NetDevice, type: number): void {
  tell(server, namespace, RTNLGRP_LINK, (writer, sequence, portId) => {
    const attributes = describeBridgeLink(device, RTEXT_FILTER_BRVLAN_COMPRESSED, type === RTM_DELLINK);
    bridgeLinkMessage.build(writer, type, 0, sequence, portId, bridgeHeader(device), attributes);
  });
}

// Linux: br_ifinfo_notify(), fdb_notify(), br_mdb_notify(), br_rtr_notify(), br_vlan_notify()
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
    case 'fdbNew':
    case 'fdbDelete':
      tell(server, namespace, RTNLGRP_NEIGH, (writer, sequence, portId) => {
        const { header, attributes } = describeFdb(event.bridge, event.entry);
        const type = event.type === 'fdbNew' ? RTM_NEWNEIGH : RTM_DELNEIGH;
        neighbourMessage.build(writer, type, 0, sequence, portId, header, attributes);
      });
      break;
    case 'mdbNew':
    case 'mdbDelete':
      tell(server, namespace, RTNLGRP_MDB, (writer, sequence, portId) => {
        const mdb = [[describeMembership(event.bridge, event.entry, event.membership)]];
        const type = event.type === 'mdbNew' ? RTM_NEWMDB : RTM_DELMDB;
        mdbMessage.build(writer, type, 0, sequence, portId, { family: AF_BRIDGE, ifindex: event.bridge.ifindex }, { mdb });
      });
      break;
    case 'routerNew':
    case 'routerGone':
      tell(server, namespace, RTNLGRP_MDB, (writer, sequence, portId) => {
        const ports = [{ head: event.port.device.ifindex, attributes: event.vid === 0 ? {} : { vid: event.vid } }];
        const type = event.type === 'routerNew' ? RTM_NEWMDB : RTM_DELMDB;
        const header = { family: AF_BRIDGE, ifindex: event.bridge.ifindex };
        mdbMessage.build(writer, type, 0, sequence, portId, header, { router: { ports } });
      });
      break;
    case 'vlanNew':
    case 'vlanDelete':
      tell(server, namespace, RTNLGRP_BRVLAN, (writer, sequence, portId) => {
        const isNew = event.type === 'vlanNew';
        const entries = [isNew ? describeVlan(event, event.first, event.last) : goneVlan(event.first, event.last)];
        const header = { family: AF_BRIDGE, ifindex: event.port?.device.ifindex ?? event.bridge.ifindex };
        bridgeVlanMessage.build(writer, isNew ? RTM_NEWVLAN : RTM_DELVLAN, 0, sequence, portId, header, { entries });
      });
      break;
    case 'vlanSettings':
      tell(server, namespace, RTNLGRP_BRVLAN, (writer, sequence, portId) => {
        const globalOptions = [describeGlobal(event.bridge, event.vid, event.end)];
        const header = { family: AF_BRIDGE, ifindex: event.bridge.ifindex };
        bridgeVlanMessage.build(writer, RTM_NEWVLAN, 0, sequence, portId, header, { globalOptions });
      });
      break;
  }
}

/** Bridges as AF_BRIDGE shows them: ports and their VLANs, forwarding entries, groups. */
export const bridgeModule: RtnetlinkModule = {
  handlers: [
    { type: RTM_GETLINK, family: AF_BRIDGE, dump: dumpBridgeLinks },
    { type: RTM_SETLINK, family: AF_BRIDGE, handle: changeBridgeLink },
    { type: RTM_DELLINK, family: AF_BRIDGE, handle: changeBridgeLink },
    { type: RTM_NEWNEIGH, family: AF_BRIDGE, handle: addFdb },
    { type: RTM_DELNEIGH, family: AF_BRIDGE, handle: deleteFdb, bulk: true },
    { type: RTM_GETNEIGH, family: AF_BRIDGE, handle: getFdb, dump: dumpFdb },
    { type: RTM_NEWMDB, family: AF_BRIDGE, handle: addMdb },
    { type: RTM_DELMDB, family: AF_BRIDGE, handle: deleteMdb },
    { type: RTM_GETMDB, family: AF_BRIDGE, dump: dumpMdb },
    { type: RTM_NEWVLAN, family: AF_BRIDGE, handle: changeVlan },
    { type: RTM_DELVLAN, family: AF_BRIDGE, handle: changeVlan },
    { type: RTM_GETVLAN, family: AF_BRIDGE, dump: dumpVlans },
  ],
  watch(server, namespace) {
    namespace.bridgeEvents.subscribe((event) => onBridgeEvent(server, namespace, event));
  },
};
